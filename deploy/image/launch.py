"""Entry point of an image: runs the service's package in this process.

The arguments are the container's.
"""

import os
import runpy

runpy.run_module(os.environ["SERVICE"], run_name="__main__", alter_sys=True)
