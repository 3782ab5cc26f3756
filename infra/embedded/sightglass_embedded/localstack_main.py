"""What LocalStack's own environment runs: LocalStack, with its S3 objects in the folder given as argument.

Nothing of Sightglass is installed in that environment, so this file is run by its path.
"""

import sys
from importlib import import_module
from typing import Any

# Its catalogue of services, cut down to ours: that of all AWS takes seconds and 350 MB to build.
_SERVICES = ("s3", "sqs", "sqs-query")


def main(objects: str) -> None:
    """Run until SIGTERM. `objects` is an existing folder."""
    spec: Any = import_module("localstack.aws.spec")
    spec.list_services = lambda: [spec.load_service(name) for name in _SERVICES]
    provider: Any = import_module("localstack.services.s3.provider")
    provider.DEFAULT_S3_TMP_DIR = objects  # a fixed path in the machine's /tmp otherwise, whoever runs it
    runtime: Any = import_module("localstack.runtime.main")
    runtime.main()


if __name__ == "__main__":
    main(sys.argv[1])
