import API
import Domain
import Foundation
import HTTP
import Postgres
import Primitives
import Store
import TestSupport
import Testing

@Suite struct BillingTests {
    private static let headline = "5a76dfdd-ab15-4137-b919-e7a0f256a5d6"

    /// A team with bought credits, one finished processing and one download.
    private static func withBooks(_ body: (APIHarness, _ video: String) async throws -> Void) async throws {
        try await APIHarness.with { api in
            try await api.credit(Dollars(thousandths: 500_000))
            let master = try await api.importMaster()
            let video = try await api.call(.post, "/v1/videos/\(master)/processing/start/\(headline)", expecting: 202).text("videoId")
            try await ProcessingTests.finish(api)
            let url = try await api.call(.post, "/v1/videos/\(video)/out/https", expecting: 201).text("presignedUrl")
            let path = try #require(url.split(separator: "/api", maxSplits: 1).last)
            for _ in 0..<2 { try await api.send(.get, "/api" + path, expecting: 200) }
            try await api.send(.head, "/api" + path, expecting: 200)
            try await body(api, video)
        }
    }

    @Test("A finished job is booked once, with its products, and the balances follow") func books() async throws {
        try await Self.withBooks { api, video in
            let page = try await api.call(.get, "/v1/billing-periods/transactions", expecting: 200).json
            let items = try #require(page["items"]?.items)
            #expect(items.map { $0["type"]?.text } == ["PROCESSING", "PROCESSING", "UTILITIES"])
            #expect(items[0]["accountAdjustment"]?["type"] == .string("CREDITS_BOUGHT"))
            #expect(items[1]["videoId"] == .string(video))
            let products = try #require(items[1]["details"]?["products"]?.items)
            let cost = products.compactMap { $0["costUsd"]?.number }.reduce(0, +)
            #expect(abs((items[1]["amountUsd"]?.number ?? 0) + cost) < 1e-9)
            #expect(abs((items[1]["balanceUsd"]?.number ?? 0) - (500 - cost)) < 1e-9)
            #expect(items[2]["product"]?["category"] == .string("DOWNLOAD_CLOUDFRONT"), "once, however often the link was followed")
            for path in ["/v1/account/financial-details", "/v2/stripe/financial-details"] {
                let details = try await api.call(.get, path, expecting: 200).json
                #expect(abs((details["processingCreditsBalanceUsd"]?.number ?? 0) - (500 - cost)) < 1e-9)
                #expect(abs((details["processingLifetimeSpendUsd"]?.number ?? 0) - cost) < 1e-9)
                #expect(details["processingBaseVolumeDiscountGp"] == .number(6.222))
                #expect(details["processingBaseVolumeDiscountPercentage"] == .number(0.2))
            }
            try await api.jobsAreBookedOnce()
        }
    }

    @Test("Totals are of the period in the first release, of what is filtered in the second") func totals() async throws {
        try await Self.withBooks { api, video in
            func totals(_ path: String) async throws -> [String?] {
                let answer = try await api.call(.get, path, expecting: 200).json
                return (answer["totals"]?["totalsByCategory"]?.items ?? []).map { $0["category"]?.text }
            }
            let query = "?processingTransactionsMode=EXCLUDE&pageSize=1"
            #expect(try await totals("/v1/billing-periods/transactions" + query) == ["DOWNLOAD_CLOUDFRONT", "PROCESSING"])
            #expect(try await totals("/v2/stripe/billing-periods/latest/transactions" + query) == ["DOWNLOAD_CLOUDFRONT"])
            let of = try await api.call(
                .get, "/v2/stripe/billing-periods/latest/transactions?videoId=\(video)&sortDirection=DESC", expecting: 200
            ).json
            #expect(of["totalElements"] == .integer(2))
            #expect(of["items"]?.items?.first?["type"] == .string("UTILITIES"))
            #expect(of["filterByVideoId"] == .string(video))
            let all = try await api.call(.get, "/v1/billing-periods/transactions?processingTransactionsMode=ONLY", expecting: 200).json
            #expect(all["totalElements"] == .integer(2))
            let sum = try #require(all["totals"]?["totalsForAllCategories"])
            #expect(sum["totalCreditUsd"] == .integer(500))
        }
    }

    @Test("Ranges are inclusive, and one that ends before it begins is refused with its own code") func ranges() async throws {
        try await Self.withBooks { api, _ in
            let id = try #require(try await api.call(.get, "/v1/billing-periods").json["items"]?.items?.first?["id"]?.text)
            #expect(try await api.call(.get, "/v2/stripe/billing-periods/\(id)", expecting: 200).text("id") == id)
            try await api.database.pool.run {
                try $0.execute("UPDATE transactions SET created_at = '2026-03-04T12:00:00.0005Z' WHERE adjustment_type IS NOT NULL")
            }
            let (first, second) = ("/v1/billing-periods/\(id)/transactions", "/v2/stripe/billing-periods/\(id)/transactions")
            let wishes: [(String, Int64)] = [
                (first + "?fromDate=2026-03-04&toDate=2026-03-04", 1), (first + "?toDate=2026-03-03", 0),
                (second + "?fromDateTime=2026-03-04T12:00:00.000Z&toDateTime=2026-03-04T12:00:00.000Z", 1),
                (second + "?toDateTime=2026-03-04T13:59:59%2B02:00", 0), (second, 3),
            ]
            for (path, count) in wishes {
                #expect(try await api.call(.get, path, expecting: 200).json["totalElements"] == .integer(count), "\(path)")
            }
            for path in [
                first + "?fromDate=2026-03-05&toDate=2026-03-04", "/v1/billing-periods?fromDate=2026-03-05&toDate=2026-03-04",
                second + "?fromDateTime=2026-03-04T12:00:00.001Z&toDateTime=2026-03-04T12:00:00Z",
            ] {
                #expect(try await api.call(.get, path, expecting: 400).errorCode == "INVALID_DATE_TIME_RANGE", "\(path)")
            }
            #expect(try await api.call(.get, first + "?fromDateTime=2026-03-04", expecting: 400).fields == ["fromDateTime"])
            #expect(
                try await api.call(.get, second + "?toDateTime=2026-03-04&videoId=1", expecting: 400).fields == ["toDateTime", "videoId"])
            // Outside the years 0 to 9999 once the offset is taken off.
            for ends in ["fromDateTime=0000-01-01T00:00:00%2B00:01", "fromDateTime=9999-12-31T23:59:59-23:59"] {
                #expect(try await api.call(.get, second + "?" + ends, expecting: 400).fields == ["fromDateTime"])
            }
            let all = try await api.call(
                .get, second + "?fromDateTime=0000-01-01T00:00:00Z&toDateTime=9999-12-31T23:59:59.999Z", expecting: 200)
            #expect(try all.text("filterByFromDateTime") == "0000-01-01T00:00:00.000Z")
            #expect(try all.text("filterByToDateTime") == "9999-12-31T23:59:59.999Z")
        }
    }

    @Test("Periods are months: the last one ends, its storage is booked, and the next begins") func periods() async throws {
        try await Self.withBooks { api, _ in
            let billing = BillingStore(pool: api.database.pool)
            try await api.database.pool.run { connection in
                try connection.execute(
                    """
                    UPDATE billing_periods SET created_at = date_trunc('month', now() - interval '40 days', 'UTC') + interval '3 days',
                        storage_measured_at = date_trunc('month', now() - interval '40 days', 'UTC') + interval '3 days'
                    """)
                try connection.execute("UPDATE videos SET file_size = 100000000000 WHERE kind = 'master'")
            }
            try await billing.settleStorage(by: .standard)
            try await billing.settleStorage(by: .standard)
            let periods = try #require(try await api.call(.get, "/v1/billing-periods?endedMode=ONLY", expecting: 200).json["items"]?.items)
            let first = try #require(periods.first)
            #expect((first["storageCostUsd"]?.number ?? 0) > 1, "100 GB for most of a month at 0.025 USD")
            #expect(periods.count >= 1)
            let id = try #require(first["id"]?.text)
            let booked = try #require(
                try await api.call(.get, "/v2/stripe/billing-periods/\(id)/transactions?processingTransactionsMode=EXCLUDE", expecting: 200)
                    .json["items"]?.items)
            let storage = booked.filter { $0["product"]?["category"] == .string("STORAGE") }
            #expect(storage.count == 1)
            #expect(storage.first?["amountUsd"]?.number == first["storageCostUsd"]?.number.map { -$0 })
            let open = try await api.call(.get, "/v2/stripe/billing-periods?endedMode=EXCLUDE", expecting: 200).json
            #expect(open["totalElements"] == .integer(1))
            #expect(open["items"]?.items?.first?["endedAt"] == nil)
            #expect(try await api.call(.get, "/v1/billing-periods/\(id)", expecting: 200).json == first)
            #expect(try await api.call(.get, "/v2/stripe/billing-periods/\(id)", expecting: 200).json == first)
            #expect(try await api.call(.get, "/v1/billing-periods?toDate=2020-01-01", expecting: 200).json["totalElements"] == .integer(0))
        }
    }

    @Test("Books of others are as good as absent") func isolation() async throws {
        try await Self.withBooks { api, video in
            let id = try #require(try await api.call(.get, "/v1/billing-periods").json["items"]?.items?.first?["id"]?.text)
            let key = try await api.strangersKey()
            for base in ["/v1", "/v2/stripe"] {
                try await api.call(.get, base + "/billing-periods/\(id)", key: key, expecting: 404)
                try await api.call(.get, base + "/billing-periods/\(id)/transactions", key: key, expecting: 404)
                let theirs = try await api.call(.get, base + "/billing-periods", key: key, expecting: 200).json
                #expect(theirs["items"]?.items?.allSatisfy { $0["id"]?.text != id } == true)
                let named = try await api.call(.get, base + "/billing-periods?teamId=\(api.account.team.id)", key: key, expecting: 404)
                #expect(try named.errorCode == "TEAM_NOT_FOUND")
            }
            for path in [
                "/v1/account/financial-details", "/v2/stripe/financial-details", "/v1/billing-periods/transactions",
                "/v2/stripe/billing-periods/latest/transactions", "/v2/aws-marketplace/subscriptions/current",
                "/v2/aws-marketplace/credits-usage",
            ] {
                try await api.call(.get, path + "?selectTeamId=\(api.account.team.id)", key: key, expecting: 404)
                #expect(try await api.call(.get, path + "?selectTeamId=1", expecting: 400).fields == ["selectTeamId"])
            }
            let latest = try await api.call(.get, "/v1/billing-periods/transactions?videoId=\(video)", key: key, expecting: 200).json
            #expect(latest["totalElements"] == .integer(0))
        }
    }

    @Test("What failed is not paid for, and what cannot be ingested is given back") func refund() async throws {
        try await APIHarness.with { api in
            let master = try await api.importMaster()
            try await api.call(.post, "/v1/videos/\(master)/processing/start/\(Self.headline)", expecting: 202)
            try await api.fail(.assemble, code: "CORRUPT_SOURCE", "Frame 17 cannot be decoded.")
            #expect(try await api.call(.get, "/v1/billing-periods/transactions").json["totalElements"] == .integer(0))
            try await api.call(.post, "/v1/videos/\(master)/processing/start/\(Self.headline)", expecting: 202)
            try await api.complete(.assemble)
            try await api.fail(.ingest, code: "CORRUPT_SOURCE", "The file cannot be read.")
            let items = try #require(try await api.call(.get, "/v1/billing-periods/transactions").json["items"]?.items)
            #expect(items.last?["accountAdjustment"]?["type"] == .string("PROCESSED_VIDEO_INGESTION_FAILED"))
            #expect(items.last?["balanceUsd"] == .integer(0))
            let details = try await api.call(.get, "/v1/account/financial-details").json
            #expect(details["processingLifetimeSpendUsd"] == .integer(0))
            #expect(details["processingBaseVolumeDiscountGp"] == .integer(0))
        }
    }
}

extension APIHarness {
    /// One line for each job, whatever happened.
    fileprivate func jobsAreBookedOnce() async throws {
        let references = try await database.pool.run {
            try $0.values("SELECT reference FROM transactions WHERE reference LIKE 'job %'", as: String.self)
        }
        #expect(Set(references).count == references.count && references.count == 1)
    }
}
