import PostgresWire
import Testing

@Suite("The address of a database")
struct PostgresAddressTests {
    @Test(
        "shows where it is, and never the password",
        arguments: [
            (
                "postgres://weir:s3cret@db.example:5433/quota",
                "postgres://weir@db.example:5433/quota"
            ),
            (
                "postgresql://weir:s3cret@db.example/quota?sslmode=verify-full",
                "postgres://weir@db.example/quota"
            ),
            (
                "host=db.example user=weir password=s3cret dbname=quota",
                "postgres://weir@db.example/quota"
            ),
            ("postgres:///quota", "postgres://localhost/quota"),
        ])
    func description(_ text: String, _ shown: String) throws {
        let address = try PostgresAddress(text)
        #expect(address.description == shown)
        #expect(!"\(address)".contains("s3cret"))
    }

    @Test(
        "that can't be read is refused without its password",
        arguments: [
            "postgres://weir:s3cret@[::1/quota",
            "host=db password='s3cret", "postgres://weir:s3cret@db/quota?nonsense=1",
        ])
    func refused(_ text: String) {
        let error = #expect(throws: PostgresError.self) { try PostgresAddress(text) }
        #expect(error?.kind == .address)
        #expect(error?.description.contains("s3cret") == false)
        #expect(error?.description.contains("postgres://user:password@host:5432/database") == true)
    }
}
