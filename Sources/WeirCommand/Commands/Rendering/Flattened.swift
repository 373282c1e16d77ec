import StrictJSON

/// An object in an object shown as one: `{"checks":{"ledger":"ok"}}` as `checks.ledger  ok`.
enum Flattened {
    /// The object with all members of its objects in their place.
    static func value(_ value: JSONValue) -> JSONValue {
        guard let object = value.objectValue else { return value }
        var result = JSONObject()
        add(object, prefix: "", to: &result)
        return .object(result)
    }

    private static func add(_ object: JSONObject, prefix: String, to result: inout JSONObject) {
        for member in object.members {
            if let inner = member.value.objectValue {
                add(inner, prefix: prefix + member.name + ".", to: &result)
            } else {
                result[prefix + member.name] = member.value
            }
        }
    }
}
