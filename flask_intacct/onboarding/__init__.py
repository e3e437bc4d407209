"""From "not connected" to Confirm: the wizard's state machine, the suggestions, the plan."""
