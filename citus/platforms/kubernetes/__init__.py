"""The platform `kubernetes`: a StatefulSet of one for each node, in a namespace of the stack.

A node is reached by the other pods under its own name (``worker-0``), which is a headless Service;
so it keeps its name whatever its pod's address is. Its data are in a claim, and outlive the pod.
"""
