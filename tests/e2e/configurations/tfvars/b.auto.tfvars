last_auto = "b.auto.tfvars"
