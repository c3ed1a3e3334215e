"""Runs Trunkline on one machine: what `./trunkline` does, and the stacks that the Python tests start.

Standard library only, so that nothing has to be installed before it. Start reading at cli.py (commands) or stack.py
(what a running Trunkline consists of).
"""
