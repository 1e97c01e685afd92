"""The platform on a real cluster: installed, upgraded, hurt and counted.

`python -m stack.kubernetes` (`make e2e-k8s`).
"""
