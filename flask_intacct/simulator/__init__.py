"""A Sage Intacct gateway on loopback, for demos, tests and hosts' own tests. Shares no code with the client."""

from .seed.dataset import Dataset
from .simulator import Simulator

__all__ = ["Dataset", "Simulator"]
