"""Learning: which windows a machine is learnt from, and fitting the model of an equipment type on them."""
