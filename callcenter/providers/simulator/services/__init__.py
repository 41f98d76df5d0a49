"""The providers' own services, as real servers on this machine: for tests, and for trying the runner without an account."""
