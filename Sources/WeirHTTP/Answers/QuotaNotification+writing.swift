package import QuotaModel
package import StrictJSON

extension QuotaNotification {
    /// What receivers of webhooks and of the event stream get: `type`, `timestamp` and `data`, as
    /// Standard Webhooks has it.
    package var body: [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.object { writeMembers(to: &$0) }
        return writer.bytes
    }

    func writeMembers(to writer: inout JSONWriter) {
        writer.member("type", kind.rawValue)
        writer.member("timestamp", at.truncatedToMilliseconds)
        writer.object("data") { writer in
            writer.member("tenant", tenant?.text)
            if let organization { writer.member("organization", organization.text) }
            if let limit { writer.member("limit_id", limit) }
            if let meter { writer.member("meter", meter.text) }
            if let window { writer.member("window", window.rawValue) }
            if let use {
                writer.member("limit", use.quantity)
                writer.member("used", use.used)
                if let percent = use.percent { writer.member("percent", Int64(percent)) }
                if let period = use.period {
                    writer.member("period_start", period.start.unlessEndless)
                    writer.member("period_end", period.end.unlessEndless)
                }
            }
            if let plan { writer.member("plan", plan.text) }
            if let endsAt { writer.member("ends_at", endsAt) }
        }
    }
}
