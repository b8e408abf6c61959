module "counted" {
  count  = 2
  source = "./one"
  text   = "n${count.index}"
}
module "none" {
  count  = 0
  source = "./one"
  text   = "never"
}
module "keyed" {
  for_each = { b = "bee", a = "ay" }
  source   = "./one"
  text     = "${each.key}=${each.value}"
}
module "of_a_set" {
  for_each = toset(["y", "x"])
  source   = "./one"
  text     = each.value
}
module "chained" {
  for_each = module.keyed
  source   = "./one"
  text     = upper(each.value.text)
}
output "counted" { value = module.counted[*].text }
output "second" { value = module.counted[1].text }
output "none" { value = module.none[*].text }
output "keyed" { value = { for k, m in module.keyed : k => m.text } }
output "by_key" { value = module.keyed["a"].text }
output "values" { value = values(module.of_a_set)[*].text }
output "keys" { value = keys(module.keyed) }
output "chained" { value = [for k, m in module.chained : "${k}:${m.text}"] }
output "how_many" { value = length(module.counted) + length(module.keyed) }
