import HTTPTypes
package import QuotaModel
package import StrictJSON

/// What the administration's routes refuse about a body, for a client that wants to know before it
/// sends the first of many.
package enum BodyCheck {
    /// What a body describes.
    package enum Subject: Sendable {
        /// `/api/admin/meters`.
        case meter
        /// `/api/admin/plans`.
        case plan
        /// `/api/admin/organizations`.
        case organization
        /// `/api/admin/tenants`.
        case tenant
        /// `/api/admin/tenants/{id}/overrides/{meter}/{window}`.
        case override(meter: String, window: String)
    }

    /// Why a body would be refused by a server that counts `meters`; nil where nothing speaks
    /// against it.
    package static func refusal(
        of json: JSONValue,
        as subject: Subject,
        meters: [MeterID: Meter]
    ) -> String? {
        do throws(Problem) {
            var body = try BodyReader(json)
            let now = Timestamp(seconds: 0)
            switch subject {
            case .meter:
                let id = try body.required(try body.identifier("id", MeterID.self), "id")
                _ = try CatalogRoutes.meter(id, &body)
            case .plan:
                let id = try body.required(try body.identifier("id", PlanID.self), "id")
                _ = try CatalogRoutes.plan(id, &body, meters: meters)
            case .organization:
                let id = try body.identifier("id", OrganizationID.self)
                let blank = Organization(id: id ?? OrganizationID(trusted: "-"), createdAt: now)
                _ = try OrganizationRoutes.changed(blank, &body, meters: meters)
            case .tenant:
                let id = try body.identifier("id", TenantID.self)
                var tenant = Tenant(id: id ?? TenantID(trusted: "-"), createdAt: now)
                try TenantBody.apply(&body, to: &tenant)
            case .override(let meter, let window):
                try checkOverride(meter: meter, window: window, meters: meters)
                _ = try CorrectionRoutes.override(&body)
            }
            _ = body.value("reason")
            try body.finish()
            return nil
        } catch {
            return error.detail
        }
    }

    private static func checkOverride(
        meter: String,
        window: String,
        meters: [MeterID: Meter]
    ) throws(Problem) {
        guard let known = meters[MeterID(trusted: meter)] else {
            throw Problem(.unprocessableContent, "there is no meter \"\(meter)\"")
        }
        let names = Window.allCases.map(\.rawValue).joined(separator: ", ")
        guard let parsed = Window(rawValue: window) else {
            throw Problem(.unprocessableContent, "window must be one of \(names)")
        }
        if (known.kind == .allocation) != (parsed.kind == .allocation) {
            throw Problem(
                .unprocessableContent,
                "window \"\(window)\" does not suit \(meter), which is of kind "
                    + "\"\(known.kind.rawValue)\"")
        }
    }
}
