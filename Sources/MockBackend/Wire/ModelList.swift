import StrictJSON

/// Writes what `/v1/models` answers.
struct ModelList {
    let models: [String]
    let created: Int64

    /// All models.
    var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("object", "list")
            writer.array("data") { writer in
                for model in models { write(model, to: &writer) }
            }
        }
        return writer.bytes
    }

    /// One model, if there is one of that name.
    func bytes(of model: String) -> [UInt8]? {
        guard models.contains(model) else { return nil }
        var writer = JSONWriter()
        write(model, to: &writer)
        return writer.bytes
    }

    private func write(_ model: String, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", model)
            writer.member("object", "model")
            writer.member("created", created)
            writer.member("owned_by", "weir-mock")
        }
    }
}
