package import NIOCore

extension RequestScan {
    /// The body as the backend gets it: the same bytes but for what is asked here.
    ///
    /// Copies once, and not at all when nothing changes. The members that are missing come first.
    ///
    /// - Parameters:
    ///   - body: The body that was scanned; any other comes back as it is.
    ///   - model: The model's name at the backend; nil, or the same name, changes nothing, and so
    ///     does any name on Triton's wire.
    ///   - asksForUsage: Whether `stream_options.include_usage` is set; only streams of
    ///     `chat/completions` and `completions` have it.
    /// - Returns: The body for the backend.
    package func upstreamBody(
        from body: ByteBuffer,
        model: String?,
        asksForUsage: Bool
    ) -> ByteBuffer {
        guard body.readableBytes == places.byteCount else { return body }
        var edits: [Edit] = []
        if let model, !places.endpoint.isTriton, !isModel(model) {
            edits.append(modelEdit(model))
        }
        if asksForUsage, isStream, !wantsUsage, places.endpoint.hasStreamOptions {
            edits.append(usageEdit)
        }
        return edits.isEmpty ? body : apply(edits, to: body)
    }

    /// A part of the body, and what takes its place.
    private struct Edit {
        var range: Range<Int>
        var text: ByteBuffer
    }

    private func isModel(_ name: String) -> Bool {
        // `==` of strings takes different bytes for equal.
        model.map { $0.utf8.elementsEqual(name.utf8) } ?? false
    }

    private func modelEdit(_ name: String) -> Edit {
        var text = ByteBuffer()
        guard let range = places.model else {
            text.writeStaticString("\"model\":")
            text.writeJSONString(name)
            return insertion(of: text, in: places.root)
        }
        text.writeJSONString(name)
        return Edit(range: range, text: text)
    }

    private var usageEdit: Edit {
        let member: StaticString = "\"include_usage\":true"
        let object: StaticString = "{\"include_usage\":true}"
        switch places.streamOptions {
        case .includesUsage(let value):
            return Edit(range: value, text: ByteBuffer(staticString: "true"))
        case .object(let place):
            return insertion(of: ByteBuffer(staticString: member), in: place)
        case .null(let value): return Edit(range: value, text: ByteBuffer(staticString: object))
        case .missing:
            var text = ByteBuffer(staticString: "\"stream_options\":")
            text.writeStaticString(object)
            return insertion(of: text, in: places.root)
        }
    }

    private func insertion(of text: ByteBuffer, in object: RequestPlaces.Object) -> Edit {
        var text = text
        if !object.isEmpty { text.writeStaticString(",") }
        return Edit(range: object.start..<object.start, text: text)
    }

    private func apply(_ edits: [Edit], to body: ByteBuffer) -> ByteBuffer {
        let count = edits.reduce(body.readableBytes) { count, edit in
            count - edit.range.count + edit.text.readableBytes
        }
        var rest = body
        var result = ByteBuffer()
        result.reserveCapacity(count)
        var offset = 0
        for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            if let kept = rest.readSlice(length: edit.range.lowerBound - offset) {
                result.writeImmutableBuffer(kept)
            }
            result.writeImmutableBuffer(edit.text)
            _ = rest.readSlice(length: edit.range.count)
            offset = edit.range.upperBound
        }
        result.writeImmutableBuffer(rest)
        return result
    }
}
