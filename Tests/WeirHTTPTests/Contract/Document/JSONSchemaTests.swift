import StrictJSON
import Testing

@Suite("the schema validator of the contract test")
struct JSONSchemaTests {
    private static let document: JSONValue = [
        "parts": ["name": ["type": "string", "minLength": 2]]
    ]

    private func isValid(_ value: JSONValue, _ schema: JSONValue) -> Bool {
        JSONSchema(document: Self.document).violations(of: value, by: schema).isEmpty
    }

    @Test(
        "each keyword takes what it should and refuses what it should not",
        arguments: [
            (["type": "integer"], 1, "1"), (["type": ["string", "null"]], nil, 1),
            (["enum": ["a", nil]], nil, "b"), (["const": "a"], "a", "b"),
            (["minimum": 1], 1, 0), (["maximum": 2], 2, 3),
            (["minLength": 1], "a", ""), (["maxLength": 1], "é", "ab"),
            (["pattern": #"^[^\u0000-\u001F]+$"#], "a\"b", "a\nb"),
            (["format": "date"], "2026-02-28", "2026-02-30"),
            (["format": "date-time"], "2026-02-28T00:00:00Z", "2026-02-28T00:00:00+01:00"),
            (["format": "uri"], "about:blank", "blank"),
            (["items": ["type": "null"]], [nil], [nil, 1]),
            (["minItems": 1], [1], []), (["maxItems": 1], [1], [1, 2]),
            (["required": ["a"]], ["a": nil], ["b": 1]),
            (["properties": ["a": ["type": "null"]]], ["b": 1], ["a": 1]),
            (["properties": ["a": true], "additionalProperties": false], ["a": 1], ["b": 1]),
            (["additionalProperties": ["type": "integer"]], ["b": 1], ["b": "1"]),
            (["allOf": [["minimum": 1], ["maximum": 2]]], 2, 3),
            (["anyOf": [["const": 1], ["const": 2]]], 2, 3),
            (["oneOf": [["minimum": 1], ["minimum": 2]]], 1, 2),
            (["not": ["const": 0]], 1, 0),
            (["$ref": "#/parts/name"], "ab", "a"),
            (
                [
                    "allOf": [["properties": ["a": true]]], "properties": ["b": true],
                    "unevaluatedProperties": false,
                ], ["a": 1, "b": 1], ["a": 1, "c": 1]
            ),
        ] as [(JSONValue, JSONValue, JSONValue)])
    func keywords(schema: JSONValue, good: JSONValue, bad: JSONValue) {
        #expect(isValid(good, schema))
        #expect(!isValid(bad, schema))
    }

    @Test("what is not known is not passed over")
    func unknown() {
        #expect(!isValid(1, ["multipleOf": 1]))
        #expect(!isValid("a", ["format": "email"]))
        #expect(!isValid(1, ["type": "float"]))
        #expect(!isValid(1, ["$ref": "#/parts/gone"]))
        #expect(!isValid([:], ["unevaluatedProperties": ["type": "null"]]))
    }
}
