package import QuotaModel
import QuotaNode
package import StrictJSON

/// The overrides of one tenant as they will be when some are put one after the other, for a client
/// that wants to know what would be refused before it sends the first.
package struct PlannedOverrides: Sendable {
    /// Those that there are by then.
    private var known: [LimitOverride]
    private var tenant: Tenant
    /// When the current periods end, by the names of their limits.
    private let ends: [ExactString: Timestamp]
    private let now: Timestamp

    /// Begins with what a server shows.
    ///
    /// - Parameters:
    ///   - tenant: the tenant, as it is shown or asked for; nil where nothing is known of it.
    ///   - overrides: its overrides.
    ///   - usage: its usage, whose limits say when their periods end; nil where none are asked for.
    ///   - now: when the overrides will be put.
    package init(
        tenant: JSONValue?,
        overrides: [JSONValue] = [],
        usage: JSONValue? = nil,
        now: Timestamp
    ) {
        self.tenant = Tenant(id: Self.id, createdAt: now)
        self.now = now
        known = overrides.compactMap { Self.override($0) }
        let limits = (usage?["limits"]?.arrayValue ?? [])
            .compactMap { limit -> (ExactString, Timestamp)? in
                guard let name = limit["id"]?.stringValue,
                    let end = limit["reset_at"]?.stringValue.flatMap({ Timestamp($0) })
                else { return nil }
                return (ExactString(name), end)
            }
        ends = Dictionary(limits, uniquingKeysWith: { $1 })
        if let tenant { change(tenant) }
    }

    /// Takes what is asked of the tenant; what can't be read changes nothing.
    package mutating func change(_ json: JSONValue) {
        var changed = tenant
        guard var body = try? BodyReader(json),
            (try? TenantBody.apply(&body, to: &changed)) != nil
        else { return }
        tenant = changed
    }

    /// Puts an override after those before it.
    ///
    /// - Parameters:
    ///   - json: the body.
    ///   - meter: what is counted.
    ///   - window: over what time.
    /// - Returns: why a server would refuse it; nil where it is there from now on.
    package mutating func put(_ json: JSONValue, meter: String, window: String) -> String? {
        guard var body = try? BodyReader(json), let window = Window(rawValue: window) else {
            return nil
        }
        do throws(Problem) {
            let form = try CorrectionRoutes.override(&body)
            let id = LimitOverride.ID(
                tenant: Self.id, meter: MeterID(trusted: meter), window: window,
                startsAt: form.startsAt)
            do throws(OverrideCheck.Refusal) {
                let override = LimitOverride(
                    id: id, effect: form.effect, expiresAt: try end(of: form, id),
                    createdAt: form.createdAt ?? now)
                try OverrideCheck.check(override, beside: known, now: now)
                known.removeAll { $0.id == id }
                known.append(override)
                return nil
            } catch {
                return "\(error.field) \(error.detail)"
            }
        } catch {
            return error.detail
        }
    }

    private func end(
        of form: CorrectionRoutes.OverrideForm,
        _ id: LimitOverride.ID
    ) throws(OverrideCheck.Refusal) -> Timestamp? {
        guard let periods = form.periods else { return form.expiresAt }
        let start = id.startsAt ?? now
        let name = ExactString("tenant:\(id.meter.text)/\(id.window.rawValue)")
        let last = try OverrideCheck.end(
            of: periods, window: id.window, from: start, tenant: tenant,
            current: ends[name].flatMap { start < $0 ? $0 : nil })
        return min(form.expiresAt ?? last, last)
    }

    /// All are of one tenant, whatever its name.
    private static let id = TenantID(trusted: "-")

    /// An override as an answer shows it.
    private static func override(_ json: JSONValue) -> LimitOverride? {
        guard let meter = json["meter"]?.stringValue,
            let window = json["window"]?.stringValue.flatMap(Window.init(rawValue:)),
            let createdAt = json["created_at"]?.stringValue.flatMap({ Timestamp($0) })
        else { return nil }
        func instant(_ name: String) -> Timestamp? {
            json[name]?.stringValue.flatMap { Timestamp($0) }
        }
        let id = LimitOverride.ID(
            tenant: Self.id, meter: MeterID(trusted: meter), window: window,
            startsAt: instant("starts_at"))
        return LimitOverride(
            id: id, quantity: nil, expiresAt: instant("expires_at"), createdAt: createdAt)
    }
}
