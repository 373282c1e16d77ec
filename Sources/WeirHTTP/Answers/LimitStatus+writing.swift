public import QuotaModel
public import StrictJSON

extension LimitStatus: JSONWritable {
    /// Writes what the API shows.
    public func write(to writer: inout JSONWriter) {
        let figures = LimitFigures(self)
        writeBeginning(to: &writer)
        writer.raw(upTo: LimitFigures.maximumUseBytes) { figures.putUse(to: &$0) }
        writer.raw(upTo: LimitFigures.maximumResetBytes) { figures.putReset(to: &$0) }
        writeMiddle(to: &writer)
        writer.raw(upTo: LimitBounds.maximumBytes) { bounds.put(used: used, to: &$0) }
        writeEnd(to: &writer)
    }

    // What a ``LimitTemplate`` keeps:

    func writeBeginning(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", id)
        writer.member("meter", meter.text)
        writer.member("scope", scope.description)
        writer.member("window", window.rawValue)
        writer.member("limit", limit)
    }

    func writeMiddle(to writer: inout JSONWriter) {
        writer.member("soft_limit", softLimit)
    }

    func writeEnd(to writer: inout JSONWriter) {
        writer.member("unlimited", isUnlimited)
        writer.member("source", source.rawValue)
        writer.member("mode", mode.rawValue)
        if let override { writer.member("override", override) }
        writer.endObject()
    }
}

extension OverrideNote: JSONWritable {
    /// Writes what the API shows.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("plan_limit", planned)
            writer.member("until", until)
        }
    }
}
