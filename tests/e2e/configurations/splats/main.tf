locals {
  list   = [{ name = "a", tags = { x = 1 }, ids = [1, 2] }, { name = "b", tags = { x = 2 }, ids = [] }]
  object = { name = "single", ids = [9] }
  none   = null
  empty  = []
}
output "full" { value = local.list[*].name }
output "full_deep" { value = local.list[*].tags.x }
output "full_index" { value = local.list[*].ids[*] }
output "full_then_key" { value = local.list[*].tags["x"] }
output "attribute_only" { value = local.list.*.name }
output "attribute_then_index" { value = local.list.*.name[0] }
output "full_then_index" { value = local.list[*].name[*] }
output "legacy_index" { value = local.list.0.name }
output "legacy_index_deep" { value = local.list.1.tags.x }
output "of_an_object" { value = local.object[*].name }
output "of_a_text" { value = "x"[*] }
output "of_null" { value = local.none[*] }
output "of_nothing" { value = local.empty[*].name }
output "of_a_set" { value = toset(["b", "a"])[*] }
output "of_a_map" { value = tomap({ a = "1" })[*] }
output "itself" { value = local.list[*] }
output "flattened" { value = flatten(local.list[*].ids) }
output "values" { value = values({ b = { n = 2 }, a = { n = 1 } })[*].n }
output "resources" { value = terraform_data.several[*].input }
output "resources_attribute" { value = terraform_data.several.*.input.name }
output "resource" { value = terraform_data.single[*].input }
output "by_key" { value = values(terraform_data.keyed)[*].input }
output "first" { value = terraform_data.several[0].input.name }
output "legacy_first" { value = terraform_data.several.0.input.name }
output "negative_of_a_list" { value = local.list[length(local.list) - 1].name }
resource "terraform_data" "several" {
  count = 2
  input = { name = "n${count.index}", of = local.list[count.index].name }
}
resource "terraform_data" "single" {
  input = "one"
}
resource "terraform_data" "keyed" {
  for_each = { b = 2, a = 1 }
  input    = each.value
}
