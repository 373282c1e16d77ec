import StrictJSON

/// Validates by the keywords of JSON Schema 2020-12 that the document uses; one that is not known
/// here is a violation, so that none is passed over.
struct JSONSchema {
    /// What is wrong with a value, and which members of an object were looked at.
    struct Finding {
        var violations: [String] = []
        var evaluated: Set<String> = []

        var isValid: Bool { violations.isEmpty }
    }

    /// Keywords that say something to people only.
    private static let annotations: Set<String> = [
        "description", "title", "example", "examples", "default", "readOnly",
    ]

    /// What references point into.
    let document: JSONValue

    /// What is wrong with a value.
    func violations(
        of value: JSONValue,
        by schema: JSONValue,
        at pointer: JSONPointer = .root
    ) -> [String] {
        check(value, schema, pointer).violations
    }

    /// The target of a reference of this document: `#/components/schemas/Id`.
    func target(_ reference: String) -> JSONValue? {
        guard reference.hasPrefix("#/") else { return nil }
        return reference.dropFirst(2).split(separator: "/")
            .reduce(Optional(document)) { $0?[String($1)] }
    }

    private func check(_ value: JSONValue, _ schema: JSONValue, _ pointer: JSONPointer) -> Finding {
        if let accepts = schema.boolValue {
            return Finding(violations: accepts ? [] : ["\(pointer) must not be there"])
        }
        guard let keywords = schema.objectValue else {
            return Finding(violations: ["\(pointer): \(schema) is no schema"])
        }
        var finding = Finding()
        for keyword in keywords.members {
            apply(keyword, of: keywords, to: value, pointer, &finding)
        }
        // It depends on what the others looked at.
        if keywords["unevaluatedProperties"] == false {
            for name in Self.names(value) where !finding.evaluated.contains(name) {
                finding.violations.append("\(pointer.member(name)) is not documented")
            }
        }
        return finding
    }

    private func apply(
        _ keyword: JSONObject.Member,
        of keywords: JSONObject,
        to value: JSONValue,
        _ pointer: JSONPointer,
        _ finding: inout Finding
    ) {
        let wanted = keyword.value
        switch keyword.name {
        case "$ref":
            guard let target = wanted.stringValue.flatMap(target) else {
                finding.violations.append("\(wanted) leads nowhere")
                return
            }
            finding.add(check(value, target, pointer))
        case "allOf":
            for part in wanted.arrayValue ?? [] { finding.add(check(value, part, pointer)) }
        case "anyOf", "oneOf":
            choose(keyword, value, pointer, &finding)
        case "not":
            if check(value, wanted, pointer).isValid {
                finding.violations.append("\(pointer) must not be \(value)")
            }
        case "properties", "required", "additionalProperties", "unevaluatedProperties":
            members(keyword, of: keywords, value, pointer, &finding)
        case "items", "minItems", "maxItems":
            elements(keyword, value, pointer, &finding)
        default:
            guard !Self.annotations.contains(keyword.name) else { return }
            if let violation = Self.violation(of: value, by: keyword) {
                finding.violations.append("\(pointer) \(violation)")
            }
        }
    }

    private func choose(
        _ keyword: JSONObject.Member,
        _ value: JSONValue,
        _ pointer: JSONPointer,
        _ finding: inout Finding
    ) {
        let findings = (keyword.value.arrayValue ?? []).map { check(value, $0, pointer) }
        let valid = findings.filter(\.isValid)
        let isEnough = keyword.name == "anyOf" ? !valid.isEmpty : valid.count == 1
        guard isEnough else {
            let reasons = findings.flatMap(\.violations).joined(separator: "; ")
            finding.violations.append(
                "\(pointer) is \(valid.count) of \(findings.count) forms: \(reasons)")
            return
        }
        for alternative in valid { finding.add(alternative) }
    }

    private func members(
        _ keyword: JSONObject.Member,
        of keywords: JSONObject,
        _ value: JSONValue,
        _ pointer: JSONPointer,
        _ finding: inout Finding
    ) {
        guard let object = value.objectValue else { return }
        switch keyword.name {
        case "properties":
            for property in keyword.value.objectValue?.members ?? [] {
                guard let member = object[property.name] else { continue }
                finding.evaluated.insert(property.name)
                finding.violations += violations(
                    of: member, by: property.value, at: pointer.member(property.name))
            }
        case "required":
            for name in keyword.value.arrayValue ?? [] {
                guard let name = name.stringValue, object[name] == nil else { continue }
                finding.violations.append("\(pointer.member(name)) is missing")
            }
        case "additionalProperties":
            for member in object.members where keywords["properties"]?[member.name] == nil {
                finding.evaluated.insert(member.name)
                finding.violations += violations(
                    of: member.value, by: keyword.value, at: pointer.member(member.name))
            }
        default:
            guard keyword.value != false else { return }
            finding.violations.append("unevaluatedProperties is known with false only")
        }
    }

    private func elements(
        _ keyword: JSONObject.Member,
        _ value: JSONValue,
        _ pointer: JSONPointer,
        _ finding: inout Finding
    ) {
        guard let elements = value.arrayValue else { return }
        let bound = Int(keyword.value.integerValue ?? 0)
        switch keyword.name {
        case "items":
            for (index, element) in elements.enumerated() {
                finding.violations += violations(
                    of: element, by: keyword.value, at: pointer.element(index))
            }
        case "minItems":
            if elements.count < bound { finding.violations.append("\(pointer) is too short") }
        default:
            if elements.count > bound { finding.violations.append("\(pointer) is too long") }
        }
    }

    private static func names(_ value: JSONValue) -> [String] {
        (value.objectValue?.members ?? []).map(\.name)
    }
}

extension JSONSchema.Finding {
    fileprivate mutating func add(_ other: JSONSchema.Finding) {
        violations += other.violations
        evaluated.formUnion(other.evaluated)
    }
}
