"""Where address and key come from, and where a key never goes."""

from pathlib import Path

import pytest

from sightglass_client.config import resolve
from sightglass_client.errors import NotConfigured

HERE = "http://127.0.0.1:8000"
ENV = {"SIGHTGLASS_URL": "https://env.example.com", "SIGHTGLASS_API_KEY": "sg_env"}


def an_env_file(folder: Path, url: str = HERE) -> None:
    (folder / ".sightglass").mkdir()
    (folder / ".sightglass/env").write_text(
        f"# written by make dev\nSIGHTGLASS_URL={url}\nSIGHTGLASS_API_KEY=sg_file\n"
    )


def test_arguments_go_before_the_environment(home: Path) -> None:
    found = resolve("https://arg.example.com/", "sg_arg", environ=ENV, cwd=home)
    assert (found.url, found.api_key) == ("https://arg.example.com", "sg_arg")


def test_the_environment_goes_before_the_file(home: Path) -> None:
    an_env_file(home)
    found = resolve(None, None, environ=ENV, cwd=home)
    assert (found.url, found.api_key, found.file) == ("https://env.example.com", "sg_env", None)


def test_the_file_is_found_in_a_folder_above(home: Path) -> None:
    an_env_file(home)
    below = home / "a" / "b"
    below.mkdir(parents=True)
    found = resolve(None, None, environ={}, cwd=below)
    assert (found.url, found.api_key) == (HERE, "sg_file")


def test_without_any_the_error_names_the_next_command(home: Path) -> None:
    with pytest.raises(NotConfigured) as caught:
        resolve(None, None, environ={}, cwd=home)
    assert "make dev" in caught.value.hint


def test_the_key_of_the_file_goes_to_no_other_address(home: Path) -> None:
    an_env_file(home)
    with pytest.raises(NotConfigured, match="no API key"):
        resolve("https://other.example.com", None, environ={}, cwd=home)
    assert resolve(HERE + "/", None, environ={}, cwd=home).api_key == "sg_file"


def test_a_key_of_the_environment_goes_to_a_files_address_only_on_this_machine(home: Path) -> None:
    an_env_file(home)
    assert resolve(None, None, environ={"SIGHTGLASS_API_KEY": "sg_env"}, cwd=home).api_key == "sg_env"
    (home / ".sightglass/env").write_text("SIGHTGLASS_URL=https://collects-keys.example.com\n")
    with pytest.raises(NotConfigured, match="no API key"):
        resolve(None, None, environ={"SIGHTGLASS_API_KEY": "sg_env"}, cwd=home)


@pytest.mark.parametrize(
    "url", ["example.com", "ftp://example.com", "http://", "http://[::1", "http://a.example.com:99999"]
)
def test_what_is_no_address_is_refused(home: Path, url: str) -> None:
    with pytest.raises(NotConfigured, match="no address"):
        resolve(url, "sg_k", environ={}, cwd=home)


def test_the_key_is_not_in_the_representation(home: Path) -> None:
    assert "sg_env" not in repr(resolve(None, None, environ=ENV, cwd=home))
