import QuotaModel
import StrictJSON

/// Reads the members of a JSON object one by one, and knows which ones were not asked for.
///
/// Every error names the member and says what it must be.
struct BodyReader {
    private let object: JSONObject
    /// Where the object stands in the body.
    let pointer: JSONPointer
    private var known: [String] = []

    init(_ value: JSONValue, at pointer: JSONPointer = .root) throws(Problem) {
        known.reserveCapacity(12)
        guard let object = value.objectValue else {
            let place = pointer == .root ? "the body" : Self.path(pointer)
            throw .invalid("\(place) must be an object, not \(value.kindDescription)", at: pointer)
        }
        self.object = object
        self.pointer = pointer
    }

    /// A member that is present and not null.
    mutating func value(_ name: String) -> JSONValue? {
        known.append(name)
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    /// Whether a member is present, be it null.
    func has(_ name: String) -> Bool { object[name] != nil }

    mutating func string(_ name: String) throws(Problem) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.stringValue else { throw wrong(name, "a string", value) }
        return text
    }

    mutating func bool(_ name: String) throws(Problem) -> Bool? {
        guard let value = value(name) else { return nil }
        guard let bool = value.boolValue else { throw wrong(name, "true or false", value) }
        return bool
    }

    /// An integer written as one: `1.0`, `1e3` and `"1"` are not.
    mutating func integer(
        _ name: String,
        in range: ClosedRange<Int64>
    ) throws(Problem) -> Int64? {
        guard let value = value(name) else { return nil }
        guard let integer = value.integerValue, range.contains(integer) else {
            throw invalid(
                name, "must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return integer
    }

    mutating func array(_ name: String) throws(Problem) -> [JSONValue]? {
        guard let value = value(name) else { return nil }
        guard let array = value.arrayValue else { throw wrong(name, "an array", value) }
        return array
    }

    mutating func identifier<Subject>(
        _ name: String,
        _ type: Identifier<Subject>.Type
    ) throws(Problem) -> Identifier<Subject>? {
        guard let text = try string(name) else { return nil }
        do {
            return try Identifier<Subject>(text)
        } catch {
            throw invalid(name, error.description)
        }
    }

    /// One of the raw values of an enumeration.
    mutating func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String,
        _ type: Value.Type
    ) throws(Problem) -> Value? where Value.RawValue == String {
        guard let text = try string(name) else { return nil }
        guard let value = Value(rawValue: text) else {
            let names = Value.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            throw invalid(name, "must be one of \(names)")
        }
        return value
    }

    mutating func timestamp(_ name: String) throws(Problem) -> Timestamp? {
        guard let text = try string(name) else { return nil }
        guard let instant = Timestamp(text) else {
            throw invalid(name, "must be an instant such as 2026-12-31T23:59:59Z")
        }
        return instant
    }

    /// A member that must be there.
    func required<Value>(_ value: Value?, _ name: String) throws(Problem) -> Value {
        guard let value else { throw invalid(name, "is required") }
        return value
    }

    /// Refuses members that were never asked for; call it last.
    func finish() throws(Problem) {
        for member in object.members where !known.contains(member.name) {
            let names = Set(known).sorted().joined(separator: ", ")
            let place = Self.path(pointer)
            let name = (place.isEmpty ? "" : place + ".") + member.name.prefix(64)
            throw .invalid(
                "unknown field \"\(name)\"; "
                    + (names.isEmpty ? "there are none here" : "known are: \(names)"),
                at: pointer.member(member.name))
        }
    }

    func invalid(_ name: String, _ detail: String) -> Problem {
        Self.invalid(pointer.member(name), detail)
    }

    /// An element of an array that is not what it must be.
    func invalid(_ name: String, element index: Int, _ detail: String) -> Problem {
        Self.invalid(pointer.member(name).element(index), detail)
    }

    /// A value of the body that is not what it must be, named by its whole path.
    static func invalid(_ place: JSONPointer, _ detail: String) -> Problem {
        .invalid("\(path(place)) \(detail)", at: place)
    }

    private func wrong(_ name: String, _ expected: String, _ value: JSONValue) -> Problem {
        invalid(name, "must be \(expected), not \(value.kindDescription)")
    }

    /// `/charges/0/amount` as people write it: `charges[0].amount`.
    private static func path(_ pointer: JSONPointer) -> String {
        var path = ""
        for part in pointer.description.split(separator: "/") {
            if Int(part) != nil {
                path += "[\(part)]"
            } else {
                path += path.isEmpty ? String(part) : ".\(part)"
            }
        }
        return path
    }
}
