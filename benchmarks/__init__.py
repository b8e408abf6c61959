"""What the project promises about speed, measured. `README.md` beside this says how."""
