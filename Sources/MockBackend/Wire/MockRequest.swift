package import StrictJSON

/// What a body asks for, in the same terms whatever its form.
package struct MockRequest: Sendable, Equatable {
    /// What it was sent to.
    package let endpoint: MockEndpoint
    /// The model it names.
    package var model = ""
    /// The size of its prompt: a token for every four bytes of text, at least one.
    package var promptTokens = 1
    /// How many answers it asks for: choices of all prompts, or embeddings.
    package var choices = 1
    /// How long each may be at most; nil if it does not say.
    package var maximumTokens: Int?
    /// Whether it wants the answer piece by piece.
    package var isStream = false
    /// Whether the stream is to end with its usage.
    package var wantsUsage = false
    /// How many numbers an embedding has.
    package var dimensions = 16
    /// Whether embeddings are to come as base64 of their floats.
    package var isBase64 = false
    /// The id that Triton repeats.
    package var inferenceID: String?
    /// What it asks to go wrong.
    package var directive: MockDirective

    /// Reads a body.
    ///
    /// - Parameters:
    ///   - body: the JSON document.
    ///   - endpoint: where it was sent.
    ///   - model: the model that the path names, if it does.
    ///   - directive: what the headers ask for.
    /// - Throws: 400 for what a server would not take either.
    package init(
        _ body: JSONValue,
        endpoint: MockEndpoint,
        model: String? = nil,
        directive: MockDirective = MockDirective()
    ) throws(MockRefusal) {
        self.endpoint = endpoint
        self.directive = directive
        guard case .object = body else { throw .invalid("the body must be an object", nil) }
        try self.directive.add(body: body)
        if let model {
            self.model = model
        } else if let model = body["model"]?.stringValue {
            self.model = model
        } else {
            throw .invalid("model is missing", "model")
        }
        switch endpoint {
        case .chat: try readChat(body)
        case .completion: try readCompletion(body)
        case .embedding: try readEmbedding(body)
        case .response: try readResponse(body)
        case .tritonGenerate, .tritonStream: try readTriton(body)
        case .tritonInfer: try readInference(body)
        }
    }
}

extension MockRequest {
    private mutating func readChat(_ body: JSONValue) throws(MockRefusal) {
        guard let messages = body["messages"]?.arrayValue, !messages.isEmpty else {
            throw .invalid("messages must be an array that is not empty", "messages")
        }
        promptTokens = MockPrompt.tokens(ofMessages: messages)
        try readChoices(body, prompts: 1)
        maximumTokens = try positive("max_completion_tokens", in: body)
        if maximumTokens == nil { maximumTokens = try positive("max_tokens", in: body) }
        readStream(body)
    }

    private mutating func readCompletion(_ body: JSONValue) throws(MockRefusal) {
        let prompt = try MockPrompt(body["prompt"], member: "prompt")
        promptTokens = prompt.tokens
        try readChoices(body, prompts: prompt.texts)
        maximumTokens = try positive("max_tokens", in: body)
        readStream(body)
    }

    private mutating func readEmbedding(_ body: JSONValue) throws(MockRefusal) {
        let input = try MockPrompt(body["input"], member: "input")
        guard input.texts <= MockLimits.inputs else {
            throw .invalid("input has more than \(MockLimits.inputs) texts", "input")
        }
        promptTokens = input.tokens
        choices = input.texts
        if let dimensions = try positive("dimensions", in: body) {
            guard dimensions <= MockLimits.dimensions else {
                throw .invalid("dimensions must be at most \(MockLimits.dimensions)", "dimensions")
            }
            self.dimensions = dimensions
        }
        isBase64 = body["encoding_format"]?.stringValue == "base64"
    }

    private mutating func readResponse(_ body: JSONValue) throws(MockRefusal) {
        guard let input = body["input"], !input.isNull else {
            throw .invalid("input is missing", "input")
        }
        let bytes = MockPrompt.bytes(ofContent: input)
        let instructions = body["instructions"]?.stringValue?.utf8.count ?? 0
        promptTokens = MockPrompt.tokens(ofBytes: bytes + instructions)
        maximumTokens = try positive("max_output_tokens", in: body)
        isStream = body["stream"]?.boolValue ?? false
        wantsUsage = true
    }

    private mutating func readTriton(_ body: JSONValue) throws(MockRefusal) {
        guard let text = body["text_input"]?.stringValue else {
            throw .invalid("text_input must be a string", "text_input")
        }
        promptTokens = MockPrompt.tokens(ofBytes: text.utf8.count)
        maximumTokens = try positive("max_tokens", in: body)
        if maximumTokens == nil, let parameters = body["parameters"] {
            maximumTokens = try positive("max_tokens", in: parameters)
        }
        inferenceID = body["id"]?.stringValue
        isStream = endpoint == .tritonStream
    }

    private mutating func readInference(_ body: JSONValue) throws(MockRefusal) {
        guard let inputs = body["inputs"]?.arrayValue else {
            throw .invalid("inputs must be an array", "inputs")
        }
        var bytes = 0
        for input in inputs {
            let data = input["data"] ?? .null
            if input["name"]?.stringValue == "max_tokens" {
                let first = data.arrayValue?.first ?? .null
                maximumTokens = try positive(first, "max_tokens")
            } else {
                bytes += MockPrompt.bytes(ofContent: data)
            }
        }
        promptTokens = MockPrompt.tokens(ofBytes: bytes)
        inferenceID = body["id"]?.stringValue
    }

    private mutating func readStream(_ body: JSONValue) {
        isStream = body["stream"]?.boolValue ?? false
        wantsUsage = body["stream_options"]?["include_usage"]?.boolValue ?? false
    }

    private mutating func readChoices(
        _ body: JSONValue,
        prompts: Int
    ) throws(MockRefusal) {
        let each = try positive("n", in: body) ?? 1
        guard each <= MockLimits.choicesPerPrompt, prompts <= MockLimits.choices,
            each * prompts <= MockLimits.choices
        else { throw .invalid("n asks for too many choices", "n") }
        choices = each * prompts
    }

    private func positive(
        _ name: String,
        in body: JSONValue
    ) throws(MockRefusal) -> Int? {
        guard let value = body[name], !value.isNull else { return nil }
        return try positive(value, name)
    }

    private func positive(_ value: JSONValue, _ name: String) throws(MockRefusal) -> Int {
        guard let integer = value.integerValue, integer >= 1, let number = Int(exactly: integer)
        else { throw .invalid("\(name) must be an integer of at least 1", name) }
        return number
    }
}
