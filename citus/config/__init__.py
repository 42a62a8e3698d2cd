"""How a stack's configuration is read: each part of it checked, each refusal one sentence."""
