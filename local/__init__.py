"""The local stack: template.yaml, deployed for real into a local cloud, on one machine.

``python -m local up | down | logs | invoke | demo``; tests use :func:`local.stack.running_stack`.
"""
