a = "terraform.tfvars"
b = "terraform.tfvars"
