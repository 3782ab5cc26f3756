"""The fork server of this process' decoders: one is enough for all films."""

import atexit
from typing import Final

from sightglass_common.sandbox.forks import ForkServer

SERVER: Final = "sightglass_worker.decode.child"
# Nothing of the worker's, so no credentials. Threads of the linear algebra library would not be there in a fork.
ENVIRONMENT: Final = {"OPENBLAS_NUM_THREADS": "1"}
FORKS: Final = ForkServer(SERVER, ENVIRONMENT)
atexit.register(FORKS.close)
