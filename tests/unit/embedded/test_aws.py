"""Which AWS the stack uses."""

from sightglass_embedded.aws import Aws

PERSONS_OWN = {"AWS_ACCESS_KEY_ID": "theirs", "AWS_PROFILE": "work", "AWS_REGION": "eu-west-1", "PATH": "/bin"}


def test_the_stand_in_gets_no_credentials_of_a_person() -> None:
    aws = Aws.stand_in("http://127.0.0.1:4566")
    assert aws.environ["AWS_ACCESS_KEY_ID"] == "test"
    assert "AWS_PROFILE" not in aws.environ


def test_an_empty_address_means_aws_itself_and_is_not_passed_on() -> None:
    aws = Aws.named_in({**PERSONS_OWN, "AWS_ENDPOINT_URL": ""})
    assert aws.endpoint_url is None
    assert aws.environ == {name: value for name, value in PERSONS_OWN.items() if name != "PATH"}


def test_a_named_address_is_used_with_the_persons_credentials() -> None:
    aws = Aws.named_in({**PERSONS_OWN, "AWS_ENDPOINT_URL": "http://127.0.0.1:4566"})
    assert aws.endpoint_url == "http://127.0.0.1:4566"
    assert aws.environ["AWS_ACCESS_KEY_ID"] == "theirs"
