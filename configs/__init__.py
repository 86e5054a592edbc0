"""What we are told: the settings, the plant, and the catalogue of equipment and part types."""
