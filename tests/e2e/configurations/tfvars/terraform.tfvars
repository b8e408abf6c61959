# the least of all files
from_terraform_tfvars = "terraform.tfvars"
first_auto            = "terraform.tfvars"
last_auto             = "terraform.tfvars"
json_auto             = "terraform.tfvars"
required              = "terraform.tfvars"
list                  = ["0.0.0.0/0", "10.0.0.0/8"]
map = {
  web = { port = 443 }
  ssh = { port = "22", cidrs = ["0.0.0.0/0"] }
}
text = 5
heredoc = <<-EOT
  in a
    variable file
EOT
