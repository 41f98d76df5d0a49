"""Real servers on loopback that speak the providers' contract: the fakes that tests connect to."""
