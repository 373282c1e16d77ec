import StrictJSON
import Yams

extension JSONValue {
    /// A YAML document that has nothing which JSON lacks.
    ///
    /// - Throws: ``ContractFailure`` where it has.
    init(yaml text: String) throws {
        guard let node = try Yams.compose(yaml: text) else {
            throw ContractFailure("the document is empty")
        }
        self = try Self.value(node)
    }

    private static func value(_ node: Node) throws -> JSONValue {
        switch node {
        case .scalar(let scalar): return value(scalar)
        case .sequence(let elements): return .array(try elements.map(value))
        case .mapping(let members):
            var object = JSONObject()
            for (name, member) in members {
                guard let name = name.scalar?.string else {
                    throw ContractFailure("a name is no text, near \(node.mark.debugDescription)")
                }
                guard object[name] == nil else { throw ContractFailure("\"\(name)\" comes twice") }
                object[name] = try value(member)
            }
            return .object(object)
        case .alias: throw ContractFailure("aliases are not JSON")
        }
    }

    /// What a plain text stands for by YAML's core schema; what is quoted is a string.
    private static func value(_ scalar: Node.Scalar) -> JSONValue {
        guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
        switch scalar.string {
        case "", "~", "null": return .null
        case "true": return true
        case "false": return false
        default:
            return JSONNumber(literal: scalar.string).map { .number($0) }
                ?? .string(scalar.string)
        }
    }
}

/// What is wrong with the document or with a step, for people.
struct ContractFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
