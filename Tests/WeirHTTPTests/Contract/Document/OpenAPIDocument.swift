import StrictJSON

/// The document that describes the API, as far as tests need it.
struct OpenAPIDocument: Sendable {
    /// The whole of it.
    let root: JSONValue
    /// Every operation, in the order of the document.
    let operations: [OpenAPIOperation]

    private static let methods = ["get", "put", "post", "delete", "patch"]

    var schema: JSONSchema { JSONSchema(document: root) }

    init(yaml: String) throws {
        root = try JSONValue(yaml: yaml)
        let schema = JSONSchema(document: root)
        var operations: [OpenAPIOperation] = []
        for path in root["paths"]?.objectValue?.members ?? [] {
            for member in path.value.objectValue?.members ?? [] where member.name != "parameters" {
                guard Self.methods.contains(member.name) else {
                    throw ContractFailure("\(path.name): \(member.name) is no method known here")
                }
                operations.append(
                    try OpenAPIOperation(
                        method: member.name.uppercased(), path: path.name, member.value,
                        parameters: path.value["parameters"], schema))
            }
        }
        self.operations = operations
    }

    /// The operation that a request is for.
    func operation(_ method: String, _ path: String) throws -> OpenAPIOperation {
        let bare = path.prefix { $0 != "?" }
        guard let found = operations.first(where: { $0.matches(method, bare) }) else {
            throw ContractFailure("\(method) \(bare) is not documented")
        }
        return found
    }

    /// What an answer has that the document does not say, or lacks of what it says.
    func violations(_ reply: Reply, of operation: OpenAPIOperation) -> [String] {
        guard let entry = operation.entry(for: reply.status), let answer = operation.answers[entry]
        else { return ["the status \(reply.status) is not documented"] }
        return headerViolations(reply, answer) + bodyViolations(reply, answer)
    }

    private func headerViolations(_ reply: Reply, _ answer: JSONValue) -> [String] {
        (answer["headers"]?.objectValue?.members ?? [])
            .flatMap { header -> [String] in
                let definition = schema.resolved(header.value)
                guard let text = reply.header(header.name) else {
                    return definition["required"] == true
                        ? ["the header \(header.name) is missing"] : []
                }
                guard let wanted = definition["schema"] else {
                    return ["\(header.name) has no schema"]
                }
                let number = wanted["type"] == "integer" ? JSONNumber(literal: text) : nil
                let value = number.map { JSONValue.number($0) } ?? .string(text)
                return schema.violations(of: value, by: wanted)
                    .map { "the header \(header.name): \($0)" }
            }
    }

    private func bodyViolations(_ reply: Reply, _ answer: JSONValue) -> [String] {
        let type = reply.header("Content-Type").map { String($0.prefix { $0 != ";" }) }
        guard let content = answer["content"]?.objectValue else {
            return type == nil && reply.bytes.isEmpty ? [] : ["there is a body: \(reply.text)"]
        }
        guard let type, let wanted = content[type]?["schema"] else {
            return ["the media type is \(type ?? "missing"), not \(content.members.map(\.name))"]
        }
        switch type {
        case "application/vnd.sqlite3":
            return reply.text.hasPrefix("SQLite format 3\0") ? [] : ["it is no database"]
        case "application/jsonl":
            return reply.text.split(separator: "\n")
                .flatMap { line -> [String] in
                    guard let value = try? JSONValue(parsing: line.utf8) else {
                        return ["a line is no JSON: \(line)"]
                    }
                    return schema.violations(of: value, by: wanted)
                }
        case "text/csv":
            return reply.text.hasPrefix("kind,") ? [] : ["it has no header"]
        case "text/event-stream":
            return reply.text.hasPrefix(": connected\n\n") ? [] : ["it does not begin"]
        case "text/plain": return reply.text.isEmpty ? ["the body is empty"] : []
        case "application/yaml":
            guard let value = try? JSONValue(yaml: reply.text) else { return ["it is no YAML"] }
            return schema.violations(of: value, by: wanted)
        default:
            guard let value = try? JSONValue(parsing: reply.bytes) else {
                return ["the body is no JSON: \(reply.text)"]
            }
            return schema.violations(of: value, by: wanted)
        }
    }
}

extension JSONSchema {
    /// What a reference leads to; anything else is itself.
    func resolved(_ value: JSONValue) -> JSONValue {
        value["$ref"]?.stringValue.flatMap(target) ?? value
    }
}

extension OpenAPIOperation {
    fileprivate init(
        method: String,
        path: String,
        _ value: JSONValue,
        parameters shared: JSONValue?,
        _ schema: JSONSchema
    ) throws {
        guard let id = value["operationId"]?.stringValue else {
            throw ContractFailure("\(method) \(path) has no operationId")
        }
        self.id = id
        self.method = method
        self.path = path
        needsCredential = value["security"] != .array([])
        let media = value["requestBody"]?["content"]?["application/json"]
        body = media?["schema"]
        let several = media?["examples"]?.objectValue?.members.compactMap { $0.value["value"] }
        examples = several ?? media?["example"].map { [$0] } ?? []
        var examplePath = path
        let own = value["parameters"]?.arrayValue ?? []
        for parameter in (shared?.arrayValue ?? []) + own {
            let parameter = schema.resolved(parameter)
            guard parameter["in"] == "path", let name = parameter["name"]?.stringValue else {
                continue
            }
            guard let example = parameter["example"]?.stringValue else {
                throw ContractFailure("\(path): {\(name)} has no example")
            }
            examplePath = examplePath.replacing("{\(name)}", with: example)
        }
        self.examplePath = examplePath
        var answers: [String: JSONValue] = [:]
        for answer in value["responses"]?.objectValue?.members ?? [] {
            answers[answer.name] = schema.resolved(answer.value)
        }
        self.answers = answers
    }
}
