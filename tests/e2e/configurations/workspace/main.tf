output "later" { value = [timestamp(), uuid(), "known", terraform.workspace] }
output "by_workspace" { value = { name = "${terraform.workspace}-x", known = "y" } }
output "not_evaluated" { value = [abspath("."), "known"] }
resource "terraform_data" "mixed" {
  input = ["known", plantimestamp()]
}
