public import QuotaModel
public import StrictJSON

extension LimitStatus: JSONWritable {
    /// Writes what the API shows.
    public func write(to writer: inout JSONWriter) {
        writeBeginning(to: &writer)
        LimitNumbers(self).writeUse(to: &writer)
        LimitNumbers(self).writeReset(to: &writer)
        writeMiddle(to: &writer)
        bounds.writeMembers(used: used, to: &writer)
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
        writer.endObject()
    }
}

extension LimitBounds {
    func writeMembers(used: Int64, to writer: inout JSONWriter) {
        writer.member("approaching", areApproached(by: used))
        writer.member("exceeded", areExceeded(by: used))
    }
}
