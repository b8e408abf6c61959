output "text" { value = file("data/plain.txt") }
output "by_path" { value = file("${path.module}/data/plain.txt") }
output "json" { value = jsondecode(file("data/policy.json")) }
output "csv" { value = csvdecode(file("data/rules.csv")) }
output "lines" { value = compact(split("\n", file("data/cidrs.txt"))) }
output "trimmed" { value = trimspace(file("data/cidrs.txt")) }
output "hash" { value = [filemd5("data/plain.txt"), filesha256("data/plain.txt"), md5(file("data/plain.txt"))] }
output "base64" { value = filebase64("data/plain.txt") }
output "exists" { value = fileexists("data/plain.txt") }
output "names" { value = [basename("a/b.txt"), dirname("a/b.txt")] }
output "crlf" { value = file("data/crlf.txt") }
output "braces" { value = file("data/braces.txt") }
resource "terraform_data" "cidr" {
  for_each = toset(compact(split("\n", file("data/cidrs.txt"))))
  input    = each.key
}
