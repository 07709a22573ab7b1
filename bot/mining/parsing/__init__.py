"""From what people type to questions, scenarios and fleets."""
