locals {
  object = { a = 1 }
  list   = ["x"]
  none   = null
}
output "try" { value = [try(local.object.b, "fallback"), try(local.object.a, 2), try(local.list[3], local.list[0]), try(tonumber("x"), null), try(local.object.b.c.d, [])] }
output "can" { value = [can(local.object.b), can(local.object.a), can(tonumber("x")), can(local.list[0]), can(regex("^a", "b"))] }
output "coalesce" { value = [coalesce("", "a"), coalesce(null, 5), coalesce("a", 1), coalesce(local.none, "x", "y")] }
output "nested" { value = try(local.object.b, try(local.list[5], "inner")) }
output "by_type" { value = [for x in ["5", "x"] : try(tonumber(x), 0)] }
output "optional_argument" { value = [for r in [{ port = 22 }, { port = 23, cidr = "10.0.0.0/8" }] : try(r.cidr, "0.0.0.0/0")] }
output "lookup_or_try" { value = [for r in [{ a = 1 }, {}] : lookup(r, "a", null)] }
output "sensitive" { value = nonsensitive(sensitive("s")) }
output "types" { value = [try(tostring(local.list), "not a text"), try(toset(5), "not a set"), can(keys("x"))] }
output "conditional" { value = can(local.object.z) ? local.object.z : "none" }
