import QuotaCalendar
import QuotaModel
import QuotaNode
import StrictJSON
import WeirHTTP

/// Finds what the server will refuse before anything is sent: a manifest is done whole or not at
/// all, as far as that can be known.
struct ManifestCheck: Sendable {
    /// What can be counted: the server's meters, and those of the manifest.
    private var meters: [MeterID: Meter]
    /// The tenants that overrides may name, by their bytes.
    private let tenants: Set<ExactString>
    /// The overrides of these tenants as they will be, step by step.
    private var overrides: [ExactString: PlannedOverrides]
    private let now: Timestamp

    /// Creates a check against the server's meters, the tenants that are known to exist, and the
    /// overrides that those of the server have.
    init(
        meters: [JSONValue], tenants: Set<ExactString>,
        overrides: [ExactString: PlannedOverrides] = [:], now: Timestamp
    ) {
        self.overrides = overrides
        self.now = now
        self.meters = Dictionary(
            meters.compactMap(Self.meter).map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        self.tenants = tenants
    }

    /// What is wrong with the steps, each with its line.
    mutating func problems(of steps: [ManifestDiff.Step]) -> [String] {
        steps.compactMap { step in
            problem(of: step).map { "line \(step.entry.line): \(step.entry.title): \($0)" }
        }
    }

    private mutating func problem(of step: ManifestDiff.Step) -> String? {
        let body = JSONValue.object(step.call.body ?? JSONObject())
        if let refusal = BodyCheck.refusal(of: body, as: step.entry.subject, meters: meters) {
            return SafeText.line(refusal)
        }
        switch step.entry.kind {
        case .meter:
            guard let meter = Self.meter(body) else { return nil }
            if let known = meters[meter.id], known.kind != meter.kind {
                return "it is of kind \"\(known.kind.rawValue)\", and stays so"
            }
            meters[meter.id] = meter
        case .organization, .tenant:
            if let zone = body["time_zone"]?.stringValue, (try? ZoneRules(zone)) == nil {
                return "time_zone \"\(SafeText.line(zone))\" does not exist"
            }
            let boundaries = (body["billing_boundaries"]?.arrayValue ?? [])
                .compactMap { $0.stringValue.flatMap { LocalDateTime($0) } }
            do {
                try QuotaNode.checkPeriods(
                    zone: body["time_zone"]?.stringValue ?? "UTC", boundaries: boundaries)
            } catch {
                guard case .invalid(let field, let detail) = error else { return nil }
                return "\(field) \(detail)"
            }
            if step.entry.kind == .tenant {
                overrides[
                    ExactString(step.entry.id), default: PlannedOverrides(tenant: nil, now: now)
                ]
                .change(body)
            }
        case .override:
            let tenant = step.entry.members["tenant"]?.stringValue ?? ""
            if !tenants.contains(ExactString(tenant)) {
                return "there is no such tenant, neither here nor on the server"
            }
            if step.changes == nil, let start = step.entry.startsAt.flatMap({ Timestamp($0) }),
                start <= now
            {
                return "starts_at is over, and the server has no such override; leave it out to "
                    + "begin now"
            }
            let refusal = overrides[
                ExactString(tenant), default: PlannedOverrides(tenant: nil, now: now)
            ]
            .put(
                body, meter: step.entry.members["meter"]?.stringValue ?? "",
                window: step.entry.members["window"]?.stringValue ?? "")
            return refusal.map { SafeText.line($0) }
        case .plan:
            break
        }
        return nil
    }

    private static func meter(_ json: JSONValue) -> Meter? {
        guard let id = json["id"]?.stringValue, let name = json["kind"]?.stringValue,
            let kind = Meter.Kind(rawValue: name)
        else { return nil }
        let recording = json["record"]?.stringValue.flatMap(Meter.Recording.init(rawValue:))
        return Meter(id: MeterID(trusted: id), kind: kind, recording: recording ?? .event)
    }
}

extension ManifestEntry {
    /// What its body describes.
    fileprivate var subject: BodyCheck.Subject {
        switch kind {
        case .meter: .meter
        case .plan: .plan
        case .organization: .organization
        case .tenant: .tenant
        case .override:
            .override(
                meter: members["meter"]?.stringValue ?? "",
                window: members["window"]?.stringValue ?? "")
        }
    }
}
