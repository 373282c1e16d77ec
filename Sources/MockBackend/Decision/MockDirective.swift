import StrictJSON

/// What a request itself asks to happen to it, which wins over what is drawn.
///
/// It comes as headers (`x-mock-fail`, `x-mock-tokens`), as a member of the body
/// (`"mock": {"fail": "cut:3", "tokens": 100}`), or in `user` (`mock:fail=cut:3,tokens=100`); the
/// first of these that names something wins.
package struct MockDirective: Sendable, Equatable {
    /// What is to go wrong.
    package var fault: MockFault?
    /// How many tokens each choice is to have.
    package var tokens: Int?

    /// Asks for nothing.
    package init() {}

    /// Fills in what has not been asked for yet.
    mutating func add(
        fault text: (some StringProtocol)?,
        tokens count: Int64?
    ) throws(MockRefusal) {
        if let text {
            guard let read = MockFault(directive: text) else {
                throw .invalid("`\(text.prefix(64))` is nothing that can go wrong", "mock")
            }
            fault = fault ?? read
        }
        if let count {
            guard let read = Int(exactly: count), (1...MockSettings.maximumTokens).contains(read)
            else {
                throw .invalid("mock tokens are 1 to \(MockSettings.maximumTokens)", "mock")
            }
            tokens = tokens ?? read
        }
    }

    /// Reads the members `mock` and `user` of a body.
    mutating func add(body: JSONValue) throws(MockRefusal) {
        if let mock = body["mock"], !mock.isNull {
            guard case .object(let members) = mock else {
                throw .invalid("mock must be an object", "mock")
            }
            let fail = try text(of: members["fail"])
            try add(fault: fail, tokens: try integer(of: members["tokens"]))
        }
        if let user = body["user"]?.stringValue, user.utf8.starts(with: "mock:".utf8) {
            try add(user: user.dropFirst("mock:".count))
        }
    }

    private mutating func add(user text: Substring) throws(MockRefusal) {
        for part in text.split(separator: ",") {
            let sides = part.split(separator: "=", maxSplits: 1)
            guard sides.count == 2 else { throw .invalid("`\(part.prefix(64))`?", "user") }
            switch sides[0] {
            case "fail": try add(fault: sides[1], tokens: nil)
            case "tokens":
                try add(fault: nil as String?, tokens: Int64(sides[1]) ?? 0)
            default: throw .invalid("`\(part.prefix(64))` in user is unknown", "user")
            }
        }
    }

    /// A status may stand there as a number.
    private func text(of value: JSONValue?) throws(MockRefusal) -> String? {
        switch value {
        case nil, .null?: return nil
        case .string(let text)?: return text
        case .number(let number)?: return number.literal
        default: throw .invalid("mock.fail must be a string", "mock")
        }
    }

    private func integer(of value: JSONValue?) throws(MockRefusal) -> Int64? {
        guard let value, !value.isNull else { return nil }
        guard let integer = value.integerValue else {
            throw .invalid("mock.tokens must be an integer", "mock")
        }
        return integer
    }
}
