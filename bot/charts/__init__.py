"""Pictures of the series and of what the rules made of them. Drawing blocks: a studio does it elsewhere."""
