// Subjects of `Primitives.ID`: none of these has values. A stored row of the same noun is a record of Store
// (`VideoRecord`), its JSON form a payload of API.

/// Identity of a user account.
package enum User {}

/// Identity of a team, the owner of everything below.
package enum Team {}

/// Identity of a project, a folder of videos in a team.
package enum Project {}

/// Identity of an API key.
package enum APIKey {}

/// Identity of a video: a master, a processed video or a clip.
package enum Video {}

/// Identity of a processing configuration.
package enum Configuration {}

/// Identity of a job: one import, ingestion or processing of one video.
package enum Job {}

/// Identity of a segment, the unit of a job that is leased.
package enum Segment {}

/// Identity of a worker process, as it appears in leases.
package enum Worker {}

/// Identity of a webhook.
package enum Webhook {}

/// Identity of one event for one webhook, the same in every delivery attempt.
package enum WebhookEvent {}

/// Identity of a key pair that signs webhook deliveries.
package enum SigningKey {}

/// Identity of a stored place in S3, which videos come from or go to.
package enum S3Location {}

/// Identity of one export of a video; it lies with the object as a note.
package enum Export {}

/// Identity of a billing period of a team.
package enum BillingPeriod {}

/// Identity of one line in the books of a team.
package enum LedgerEntry {}

/// Identity of one entry of the audit log.
package enum AuditEntry {}

/// Identity of an appraisal.
package enum Appraisal {}
