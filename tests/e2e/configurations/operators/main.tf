locals {
  yes  = true
  no   = false
  text = "abc"
  list = ["a", "b"]
  none = null
}
output "logic" {
  value = [local.yes && local.no, local.yes || local.no, !local.no, local.no || !local.no && local.yes, "true" && true]
}
output "equal_scalars" {
  value = ["a" == "a", "a" == "b", 1 == "1", true == "true", 5 != 6, local.text == "abc", "é" == "e\u0301"]
}
output "equal_nulls" { value = [local.none == null, local.text == null, null != "x", null == null] }
output "equal_collections" {
  value = [
    ["a"] == ["a"], ["a"] == ["b"], [] == [], {} == {}, { a = 1 } == { a = 1 }, { a = 1 } == { a = 2 },
    { a = 1 } == { b = 1 }, ["a"] == tolist(["a"]), tolist(["a"]) == tolist(["a"]),
    toset(["a", "b"]) == toset(["b", "a"]), toset(["a"]) == tolist(["a"]), tomap({ a = 1 }) == { a = 1 },
    [1, 2] == [1, "2"], [[]] == [[]], local.list == ["a", "b"], { a = null } == {}, 0.5 == 1 / 2,
  ]
}
output "equal_by_conversion" {
  value = [tostring(1) == "1", tolist([1, 2]) == tolist(["1", "2"]), tonumber("1") == 1]
}
output "chains" { value = local.yes ? local.no ? "a" : "b" : "c" }
output "mixed" { value = 1 + 1 == 2 && "x" != "y" || false }
output "negated_comparison" { value = !(1 > 2) }
output "lengths" { value = length(local.list) > 0 && local.list[0] == "a" }
