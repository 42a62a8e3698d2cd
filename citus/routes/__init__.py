"""The way from this machine to a database: straight, or through the API of a Kubernetes cluster.

    direct                                 the host and port as they stand
    kubernetes:citus-prod/coordinator-0    a port-forward to this pod

├── pod.py             pure: the pod that a route names
├── kubeconfig.py      where the API is, and what this machine shows there
├── kubernetes_api.py  one port-forward, or the API's refusal in a sentence
├── tunnel.py          a connection of this machine, spliced with a port-forward
├── port_forward.py    the ports of this machine that lead to pods, and the thread that serves them
└── ways.py            what libpq is told of the way to an endpoint

A route stands in the state, which other machines read: it names neither a context nor
credentials. Those are this machine's, by its kubeconfig; which context, the run says.
"""
