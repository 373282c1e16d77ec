import StrictJSON

/// Items of imported use.
enum UsageItem {
    /// The members that all of an import share, as JSON without braces.
    static func constants(meter: String, source: String) -> String {
        var object = JSONObject()
        object["meter"] = .string(meter)
        object["source"] = .string(source)
        return String(JSONValue.object(object).description.dropFirst().dropLast())
    }
}
