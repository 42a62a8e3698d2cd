"""The platform `local`: servers and services as processes of this machine.

No container engine and no root are needed. Everything lives in ``.local/<stack>/``.
"""
