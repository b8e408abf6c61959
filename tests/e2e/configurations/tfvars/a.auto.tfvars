first_auto = "a.auto.tfvars"
last_auto  = "a.auto.tfvars"
json_auto  = "a.auto.tfvars"
