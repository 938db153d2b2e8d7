//! Puts the domain events of the table's stream on the bus.
