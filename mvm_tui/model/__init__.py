"""Values and rules: MicroVMs, images, sizes, deadlines. Pure, standard library only."""
