"""What every address answers to everybody: one row for each URL pattern (BUG-02).

The columns are the people in this order, first for GET, then for POST: anonymous, patient, other, coordinator,
prescriber_out, prescriber_in, therapist, administrator.
"login" leads to the sign-in page, 302 is any other way on, 422 an incomplete form. `patient` owns the record.
"""

from tests.security.access_of_tables import table_rows

_COLUMNS = "anonymous patient other coordinator prescriber_out prescriber_in therapist administrator"
COLUMNS = tuple(_COLUMNS.split())

# What answers visitors: marketing, probes, sign-in, the sitter's private link, signed deliveries, the demo.
_PUBLIC = """
/livez /readyz portal:welcome portal:how portal:prices portal:safety portal:crisis portal:privacy
portal:theme portal:language portal:check portal:styleguide portal:invitation
treatment:sitter treatment:sitter_confirm treatment:sitter_decline
treatment:worker treatment:offline_patient treatment:offline_sitter
treatment:sitter_check treatment:sitter_reading treatment:sitter_release treatment:sitter_help
treatment:sitter_state account_login account_logout account_inactive account_signup
account_email_verification_sent account_reset_password account_confirm_email
account_reset_password_from_key_done account_reset_password_from_key account_reset_password_done
nonprod:personas nonprod:be nonprod:mailbox billing:webhook notifications:twilio_status
notifications:twilio_inbound telemedicine:answer telemedicine:feed
telemedicine:guest_room telemedicine:guest_send telemedicine:guest_leave telemedicine:guest_left
"""
PUBLIC = frozenset(_PUBLIC.split())

_ROWS = """
/livez,/readyz,portal:welcome,portal:how,portal:prices 200 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405 405
portal:safety,portal:crisis,portal:privacy 200 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405 405
portal:theme                                           405 405 405 405 405 405 405 405 | 302 302 302 302 302 302 302 302
portal:language                                        405 405 405 405 405 405 405 405 | 302 302 302 302 302 302 302 302
portal:check                                           200 200 200 200 200 200 200 200 | 422 422 422 422 422 422 422 422
portal:styleguide                                      200 200 200 200 200 200 200 200 | 422 422 422 422 422 422 422 422
telemedicine:answer 200 200 200 200 200 200 200 200 | 302 302 302 302 302 302 302 302
telemedicine:waiting login 200 302 404 404 404 404 404 | login 422 422 404 404 404 404 404
telemedicine:guest_room,telemedicine:guest_left 200 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405 405
telemedicine:feed 200 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405 405
telemedicine:guest_state 409 409 409 409 409 409 409 409 | 405 405 405 405 405 405 405 405
telemedicine:guest_join 405 405 405 405 405 405 405 405 | 409 409 409 409 409 409 409 409
telemedicine:guest_send 405 405 405 405 405 405 405 405 | 422 422 422 422 422 422 422 422
telemedicine:guest_leave 405 405 405 405 405 405 405 405 | 302 302 302 302 302 302 302 302
portal:home login 200 200 404 404 404 404 404 | login 405 405 405 405 405 405 405
portal:evaluation login 302 302 404 404 404 404 404 | login 302 302 404 404 404 404 404
portal:account login 200 200 404 404 404 404 404 | login 405 405 405 405 405 405 405
portal:zone login 200 200 404 404 404 404 404 | login 422 422 404 404 404 404 404
intake:start login 302 200 404 404 404 404 404 | login 405 405 405 405 405 405 405
intake:begin login 405 405 405 405 405 405 405 | login 302 302 404 404 404 404 404
intake:check login 302 302 404 404 404 404 404 | login 302 302 404 404 404 404 404
intake:outcome login 200 302 404 404 404 404 404 | login 405 405 405 405 405 405 405
intake:amend login 200 302 404 404 404 404 404 | login 422 302 404 404 404 404 404
intake:other_care login 200 200 404 404 404 404 404 | login 405 405 405 405 405 405 405
intake:crisis login 200 200 404 404 404 404 404 | login 405 405 405 405 405 405 405
intake:call_me login 405 405 405 405 405 405 405 | login 302 302 404 404 404 404 404
intake:agreements login 200 200 404 404 404 404 404 | login 405 405 405 405 405 405 405
intake:agreement login 200 200 404 404 404 404 404 | login 422 422 404 404 404 404 404
intake:agreement_question login 302 302 404 404 404 404 404 | login 302 302 404 404 404 404 404
intake:agreement_sign login 302 302 404 404 404 404 404 | login 302 302 404 404 404 404 404
portal:take_back login 200 302 404 404 404 404 404 | login 302 302 404 404 404 404 404
intake:document login 200 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
intake:papers login 200 200 404 404 404 404 404 | login 405 405 405 405 405 405 405
intake:paper_add login 200 200 404 404 404 404 404 | login 422 422 404 404 404 404 404
intake:paper login 200 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
intake:paper_replace login 200 404 404 404 404 404 404 | login 422 404 404 404 404 404 404
intake:paper_remove login 200 404 404 404 404 404 404 | login 302 404 404 404 404 404 404
intake:asked login 200 200 404 404 404 404 404 | login 405 405 405 405 405 405 405
intake:asked_one login 200 404 404 404 404 404 404 | login 422 404 404 404 404 404 404
intake:page login 302 302 404 404 404 404 404 | login 302 302 404 404 404 404 404
intake:add login 302 302 404 404 404 404 404 | login 302 302 404 404 404 404 404
intake:entry login 404 404 404 404 404 404 404 | login 302 404 404 404 404 404 404
intake:remove login 404 404 404 404 404 404 404 | login 302 404 404 404 404 404 404
treatment:home login 200 200 404 404 404 404 404 | login 405 405 405 405 405 405 405
treatment:arrived login 405 405 405 405 405 405 405 | login 302 404 404 404 404 404 404
treatment:plan login 200 404 404 404 404 404 404 | login 422 404 404 404 404 404 404
treatment:medicine login 200 200 404 404 404 404 404 | login 422 422 404 404 404 404 404
treatment:prescription login 200 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
treatment:prescription_pdf login 200 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
treatment:refill login 200 200 404 404 404 404 404 | login 422 422 404 404 404 404 404
treatment:refill_withdraw login 405 405 405 405 405 405 405 | login 302 404 404 404 404 404 404
treatment:session login 200 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
treatment:move login 200 404 404 404 404 404 404 | login 422 404 404 404 404 404 404
treatment:skip login 200 404 404 404 404 404 404 | login 422 404 404 404 404 404 404
treatment:where login 200 404 404 404 404 404 404 | login 422 404 404 404 404 404 404
treatment:prepare login 200 404 404 404 404 404 404 | login 302 404 404 404 404 404 404
treatment:book login 200 302 404 404 404 404 404 | login 422 302 404 404 404 404 404
treatment:ready login 302 302 404 404 404 404 404 | login 405 405 405 405 405 405 405
treatment:invite login 200 404 404 404 404 404 404 | login 422 404 404 404 404 404 404
treatment:gate login 302 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
treatment:gate_reading login 302 404 404 404 404 404 404 | login 302 404 404 404 404 404 404
treatment:gate_outcome login 302 404 404 404 404 404 404 | login 302 404 404 404 404 404 404
treatment:gate_page login 200 404 404 404 404 404 404 | login 422 404 404 404 404 404 404
treatment:begin login 405 405 405 405 405 405 405 | login 302 404 404 404 404 404 404
treatment:live login 302 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
treatment:state login 200 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
treatment:reading login 302 404 404 404 404 404 404 | login 302 404 404 404 404 404 404
treatment:note login 405 405 405 405 405 405 405 | login 302 404 404 404 404 404 404
treatment:help login 200 404 404 404 404 404 404 | login 302 404 404 404 404 404 404
treatment:done login 302 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
treatment:check_ins login 200 200 404 404 404 404 404 | login 405 405 405 405 405 405 405
treatment:outcomes login 200 200 404 404 404 404 404 | login 405 405 405 405 405 405 405
treatment:check_in login 302 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
treatment:check_in_sent login 200 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
treatment:check_in_page login 302 404 404 404 404 404 404 | login 302 404 404 404 404 404 404
treatment:ended login 404 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
treatment:ended_letter login 404 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
treatment:letters login 200 200 404 404 404 404 404 | login 422 422 404 404 404 404 404
treatment:sign_transfer login 405 405 405 405 405 405 405 | login 302 302 404 404 404 404 404
treatment:transfer_letter login 200 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
treatment:permission login 200 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
treatment:revoke_transfer login 405 405 405 405 405 405 405 | login 302 404 404 404 404 404 404
admin:discharge login 404 404 403 404 200 404 403 | login 404 404 403 404 422 404 403
admin:discharge_letter login 404 404 403 404 404 404 403 | login 404 404 405 405 405 405 405
admin:make_transfer login 404 404 405 405 405 405 405 | login 404 404 403 404 302 403 403
admin:transfer_letter login 404 404 403 404 200 404 403 | login 404 404 405 405 405 405 405
treatment:tell login 200 200 404 404 404 404 404 | login 422 422 404 404 404 404 404
treatment:told login 200 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
treatment:report_safety login 200 404 404 404 404 404 404 | login 422 404 404 404 404 404 404
admin:adverse_events login 404 404 403 200 200 200 403 | login 404 404 405 405 405 405 405
admin:record_adverse_event login 404 404 403 404 200 404 403 | login 404 404 403 404 422 404 403
admin:adverse_event login 404 404 403 404 200 404 403 | login 404 404 403 404 422 404 403
admin:dismiss_adverse_event login 404 404 405 405 405 405 405 | login 404 404 403 404 422 404 403
admin:adverse_event_sent login 404 404 405 405 405 405 405 | login 404 404 403 404 422 404 403
admin:adverse_event_report login 404 404 403 404 200 404 403 | login 404 404 405 405 405 405 405
admin:adverse_event_from_flag login 404 404 405 405 405 405 405 | login 404 404 403 404 404 404 403
treatment:journal login 200 200 404 404 404 404 404 | login 405 405 405 405 405 405 405
treatment:journal_write login 200 200 404 404 404 404 404 | login 422 422 404 404 404 404 404
treatment:journal_keep login 405 405 405 405 405 405 405 | login 422 422 404 404 404 404 404
treatment:journal_file login 200 200 404 404 404 404 404 | login 405 405 405 405 405 405 405
treatment:journal_entry login 200 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
treatment:journal_edit login 200 404 404 404 404 404 404 | login 422 404 404 404 404 404 404
treatment:journal_share login 405 405 405 405 405 405 405 | login 302 404 404 404 404 404 404
treatment:journal_take_back login 405 405 405 405 405 405 405 | login 302 404 404 404 404 404 404
treatment:journal_drop_draft login 405 405 405 405 405 405 405 | login 302 404 404 404 404 404 404
treatment:journal_delete login 200 404 404 404 404 404 404 | login 302 404 404 404 404 404 404
admin:shared_journal login 404 404 403 403 403 200 403 | login 404 404 405 405 405 405 405
admin:shared_journal_entry login 404 404 403 403 403 404 403 | login 404 404 405 405 405 405 405
treatment:sitter                                       200 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405 405
treatment:sitter_confirm                               405 405 405 405 405 405 405 405 | 422 422 422 422 422 422 422 422
treatment:sitter_decline                               405 405 405 405 405 405 405 405 | 302 302 302 302 302 302 302 302
treatment:worker,treatment:offline_patient 200 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405 405
treatment:offline_sitter 200 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405 405
treatment:sitter_check                                 405 405 405 405 405 405 405 405 | 422 422 422 422 422 422 422 422
treatment:sitter_reading                               405 405 405 405 405 405 405 405 | 422 422 422 422 422 422 422 422
treatment:sitter_release                               405 405 405 405 405 405 405 405 | 422 422 422 422 422 422 422 422
treatment:sitter_help                                  405 405 405 405 405 405 405 405 | 302 302 302 302 302 302 302 302
treatment:sitter_state                                 200 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405 405
telemedicine:visits login 200 200 404 404 404 404 404 | login 405 405 404 404 404 404 404
telemedicine:book login 200 200 404 404 404 404 404 | login 422 200 404 404 404 404 404
telemedicine:decision login 200 200 404 404 404 404 404 | login 405 405 404 404 404 404 404
telemedicine:visit login 200 404 404 404 404 404 404 | login 405 405 404 404 404 404 404
telemedicine:confirm login 302 404 404 404 404 404 404 | login 302 404 404 404 404 404 404
telemedicine:booked login 200 404 404 404 404 404 404 | login 405 405 404 404 404 404 404
telemedicine:move login 200 404 404 404 404 404 404 | login 405 405 404 404 404 404 404
telemedicine:confirm_move login 302 404 404 404 404 404 404 | login 302 404 404 404 404 404 404
telemedicine:guest login 200 404 404 404 404 404 404 | login 422 404 404 404 404 404 404
telemedicine:cancel login 200 404 404 404 404 404 404 | login 302 404 404 404 404 404 404
telemedicine:devices login 200 200 404 404 404 404 404 | login 405 405 404 404 404 404 404
telemedicine:call login 302 404 404 404 404 404 404 | login 405 405 404 404 404 404 404
telemedicine:call_state login 409 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
telemedicine:call_join login 405 405 405 405 405 405 405 | login 409 404 404 404 404 404 404
telemedicine:call_send login 405 405 405 405 405 405 405 | login 422 404 404 404 404 404 404
telemedicine:call_phone login 405 405 405 405 405 405 405 | login 302 404 404 404 404 404 404
telemedicine:join login 302 404 404 404 404 404 404 | login 302 404 404 404 404 404 404
telemedicine:note login 200 404 404 404 404 404 404 | login 405 405 404 404 404 404 404
telemedicine:note_pdf login 200 404 404 404 404 404 404 | login 405 405 404 404 404 404 404
telemedicine:calendar login 200 404 404 404 404 404 404 | login 405 405 404 404 404 404 404
telemedicine:referrals login 200 200 404 404 404 404 404 | login 405 405 405 405 405 405 405
telemedicine:referral login 200 404 404 404 404 404 404 | login 302 404 404 404 404 404 404
telemedicine:referral_take_back login 405 405 405 405 405 405 405 | login 302 404 404 404 404 404 404
telemedicine:referral_letter login 200 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
telemedicine:messages login 200 200 404 404 404 404 404 | login 405 405 405 405 405 405 405
telemedicine:messages_sent login 200 200 404 404 404 404 404 | login 405 405 405 405 405 405 405
telemedicine:message_new login 200 200 404 404 404 404 404 | login 422 422 404 404 404 404 404
telemedicine:message_thread login 200 404 404 404 404 404 404 | login 422 404 404 404 404 404 404
telemedicine:message_help login 200 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
telemedicine:message_file login 200 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
billing:bills login 200 200 404 404 404 404 404 | login 405 405 405 405 405 405 405
billing:charge login 200 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
billing:pay login 405 405 405 405 405 405 405 | login 302 404 404 404 404 404 404
billing:leave login 302 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
billing:returned login 200 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
billing:turned_back login 200 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
billing:webhook                                        405 405 405 405 405 405 405 405 | 400 400 400 400 400 400 400 400
notifications:twilio_status                            405 405 405 405 405 405 405 405 | 403 403 403 403 403 403 403 403
notifications:twilio_inbound                           405 405 405 405 405 405 405 405 | 403 403 403 403 403 403 403 403
alerts:safety_plan login 200 200 404 404 404 404 404 | login 405 405 404 404 404 404 404
texts:settings login 200 200 404 404 404 404 404 | login 422 422 404 404 404 404 404
texts:reminders login 405 405 404 404 404 404 404 | login 422 422 404 404 404 404 404
texts:stop login 405 405 404 404 404 404 404 | login 302 302 404 404 404 404 404
admin:register_patient login 404 404 200 403 403 403 403 | login 404 404 422 403 403 403 403
admin:invite_patient login 404 404 405 403 403 403 403 | login 404 404 302 403 403 403 403
admin:correct_contact login 404 404 200 403 403 403 403 | login 404 404 422 403 403 403 403
admin:new_address login 404 404 405 403 403 403 403 | login 404 404 302 403 403 403 403
portal:invitation 200 200 200 200 200 200 200 200 | 422 422 422 422 422 422 422 422
admin:patients login 404 404 200 200 200 200 200 | login 404 404 422 422 422 422 422
admin:patient login 404 404 200 404 200 404 200 | login 404 404 405 405 405 405 405
admin:break_glass login 404 404 403 200 200 200 403 | login 404 404 403 403 403 403 403
admin:break_glass_open login 404 404 403 404 404 404 403 | login 404 404 403 405 405 405 403
admin:break_glass_end login 404 404 403 405 405 405 403 | login 404 404 403 404 404 404 403
admin:audit_trail login 404 404 403 403 403 403 200 | login 404 404 403 403 403 403 200
admin:audit_export login 404 404 403 403 403 403 405 | login 404 404 403 403 403 403 200
admin:audit_check login 404 404 403 403 403 403 200 | login 404 404 403 403 403 403 422
admin:system_health login 404 404 403 403 403 403 200 | login 404 404 403 403 403 403 405
admin:practice,admin:practice_export login 404 404 403 200 200 403 200 | login 404 404 403 405 405 403 405
admin:review_queue login 404 404 403 200 200 403 403 | login 404 404 403 405 405 403 403
admin:case login 404 404 403 404 200 403 403 | login 404 404 403 405 405 403 403
admin:case_compare,admin:print_case login 404 404 403 404 200 403 403 | login 404 404 403 405 405 403 403
admin:next_case,admin:previous_case login 404 404 403 302 302 403 403 | login 404 404 403 405 405 403 403
admin:case_version login 404 404 403 404 200 403 403 | login 404 404 403 405 405 403 403
admin:case_answers login 404 404 403 404 200 403 403 | login 404 404 403 405 405 403 403
admin:case_document login 404 404 403 404 200 403 403 | login 404 404 403 405 405 403 403
admin:paper login 404 404 404 404 200 404 404 | login 404 404 405 405 405 405 405
admin:identity_check login 404 404 200 403 403 403 403 | login 404 404 422 403 403 403 403
admin:identity_photo login 404 404 200 403 403 403 403 | login 404 404 405 405 405 405 405
admin:judge_paper login 404 404 403 404 200 403 403 | login 404 404 403 404 422 403 403
admin:claim_case login 404 404 403 405 405 403 403 | login 404 404 403 404 422 403 403
admin:give_back_case login 404 404 403 405 405 403 403 | login 404 404 403 404 422 403 403
admin:ask_patient login 404 404 403 405 405 403 403 | login 404 404 403 404 422 403 403
admin:require_in_person login 404 404 403 405 405 403 403 | login 404 404 403 404 422 403 403
admin:met_in_person login 404 404 403 405 405 403 403 | login 404 404 403 404 422 403 403
admin:verdict login 404 404 403 404 200 403 403 | login 404 404 403 405 405 403 403
admin:confirm_verdict login 404 404 403 405 405 403 403 | login 404 404 403 404 409 403 403
admin:undo_verdict login 404 404 403 405 405 403 403 | login 404 404 403 404 409 403 403
admin:carry_out_verdict login 404 404 403 405 405 403 403 | login 404 404 403 404 302 403 403
admin:approve_case login 404 404 403 405 405 403 403 | login 404 404 403 404 422 403 403
admin:decline_case login 404 404 403 405 405 403 403 | login 404 404 403 404 422 403 403
admin:refill login 404 404 403 404 200 403 403 | login 404 404 403 405 405 403 403
admin:approve_refill login 404 404 403 405 405 403 403 | login 404 404 403 404 422 403 403
admin:ask_refill login 404 404 403 405 405 403 403 | login 404 404 403 404 422 403 403
admin:decline_refill login 404 404 403 405 405 403 403 | login 404 404 403 404 422 403 403
admin:renew_approval login 404 404 403 405 405 403 403 | login 404 404 403 404 422 403 403
admin:schedule login 404 404 200 200 200 200 200 | login 404 404 405 405 405 405 405
admin:day_board,admin:day_now login 404 404 200 200 200 200 200 | login 404 404 405 405 405 405 405
admin:free_times login 404 404 200 403 403 403 403 | login 404 404 405 403 403 403 403
admin:book login 404 404 200 403 403 403 403 | login 404 404 200 403 403 403 403
admin:book_for login 404 404 200 403 403 403 403 | login 404 404 422 403 403 403 403
admin:due_visits login 404 404 200 403 403 403 403 | login 404 404 405 403 403 403 403
admin:hours_of login 404 404 200 302 302 302 200 | login 404 404 405 405 405 405 405
admin:hours login 404 404 200 404 200 404 200 | login 404 404 422 404 422 404 422
admin:appointment login 404 404 200 404 200 404 200 | login 404 404 405 405 405 405 405
admin:appointment_move login 404 404 200 403 403 403 403 | login 404 404 422 403 403 403 403
admin:appointment_cancel login 404 404 405 403 403 403 403 | login 404 404 422 403 403 403 403
admin:appointment_undo,admin:appointment_hold login 404 404 405 403 403 403 403 | login 404 404 422 403 403 403 403
admin:appointment_missed login 404 404 405 403 403 403 403 | login 404 404 422 403 403 403 403
admin:call login 404 404 403 404 302 404 403 | login 404 404 403 405 405 405 403
admin:call_state login 404 404 403 404 409 404 403 | login 404 404 405 405 405 405 405
admin:call_join login 404 404 405 405 405 405 405 | login 404 404 403 404 409 404 403
admin:call_send login 404 404 405 405 405 405 405 | login 404 404 403 404 422 404 403
admin:visit_note login 404 404 403 404 302 404 403 | login 404 404 403 404 302 404 403
admin:keep_note login 404 404 403 405 405 405 403 | login 404 404 403 404 422 404 403
admin:check_note login 404 404 403 404 302 404 403 | login 404 404 403 405 405 405 403
admin:sign_note login 404 404 403 405 405 405 403 | login 404 404 403 404 302 404 403
admin:signed_note login 404 404 403 404 200 404 403 | login 404 404 403 405 405 405 403
admin:signed_note_pdf login 404 404 403 404 200 404 403 | login 404 404 403 405 405 405 403
admin:hold_note_back login 404 404 403 404 200 404 403 | login 404 404 403 404 422 404 403
admin:give_note login 404 404 403 405 405 405 403 | login 404 404 403 404 302 404 403
admin:amend_note login 404 404 403 404 200 404 403 | login 404 404 403 404 422 404 403
admin:keep_amendment login 404 404 403 405 405 405 403 | login 404 404 403 404 422 404 403
admin:check_amendment login 404 404 403 404 302 404 403 | login 404 404 403 405 405 405 403
admin:sign_amendment login 404 404 403 405 405 405 403 | login 404 404 403 404 302 404 403
admin:visit_guest login 404 404 403 404 200 404 403 | login 404 404 403 404 422 404 403
admin:visit login 404 404 403 404 200 404 403 | login 404 404 403 404 422 404 403
admin:patient_referrals login 404 404 403 404 200 404 403 | login 404 404 403 404 422 404 403
admin:elsewhere login 404 404 403 404 200 404 403 | login 404 404 403 404 422 404 403
admin:elsewhere_strike login 404 404 405 405 405 405 405 | login 404 404 403 404 302 404 403
admin:referral login 404 404 403 404 200 404 403 | login 404 404 403 404 422 404 403
admin:referral_letter login 404 404 403 404 200 404 403 | login 404 404 405 405 405 405 405
admin:referral_call_off login 404 404 405 405 405 405 405 | login 404 404 403 404 302 404 403
admin:referral_outcome login 404 404 200 404 200 404 404 | login 404 404 422 404 422 404 404
admin:messages login 404 404 200 200 200 200 404 | login 404 404 405 405 405 405 405
admin:messages_sent login 404 404 200 200 200 200 404 | login 404 404 405 405 405 405 405
admin:message_thread login 404 404 404 404 200 404 404 | login 404 404 404 404 422 404 404
admin:message_hand_over login 404 404 405 405 405 405 405 | login 404 404 404 404 422 404 404
admin:message_close login 404 404 405 405 405 405 405 | login 404 404 404 404 302 404 404
admin:message_reopen login 404 404 405 405 405 405 405 | login 404 404 404 404 302 404 404
admin:message_take login 404 404 405 405 405 405 405 | login 404 404 404 404 302 404 404
admin:message_file login 404 404 404 404 200 404 404 | login 404 404 405 405 405 405 405
admin:patient_messages login 404 404 200 404 200 404 404 | login 404 404 422 404 422 404 404
admin:agreements login 404 404 403 404 200 404 403 | login 404 404 405 405 405 405 405
admin:signed_paper login 404 404 403 404 200 404 403 | login 404 404 405 405 405 405 405
admin:treatment_phase login 404 404 403 404 200 404 403 | login 404 404 403 404 422 404 403
admin:draft_prescription login 404 404 403 404 200 403 403 | login 404 404 403 404 422 403 403
admin:answer_proposal login 404 404 405 405 405 405 405 | login 404 404 403 404 302 403 403
admin:prescription_detail login 404 404 403 404 200 404 403 | login 404 404 405 405 405 405 405
admin:sign_prescription login 404 404 403 405 405 403 403 | login 404 404 403 404 302 403 403
admin:second_sign login 404 404 403 405 405 403 403 | login 404 404 403 404 403 403 403
admin:hand_over login 404 404 405 405 405 405 405 | login 404 404 403 404 422 403 403
admin:pause_prescription login 404 404 405 405 405 405 405 | login 404 404 403 404 422 403 403
admin:resume_prescription login 404 404 405 405 405 405 405 | login 404 404 403 404 422 403 403
admin:parcels login 404 404 200 200 200 403 403 | login 404 404 405 405 405 405 405
admin:parcel login 404 404 200 404 200 403 403 | login 404 404 405 405 405 405 405
admin:parcel_filled login 404 404 405 405 405 405 405 | login 404 404 302 404 302 403 403
admin:parcel_shipped login 404 404 405 405 405 405 405 | login 404 404 422 404 422 403 403
admin:parcel_delivered login 404 404 405 405 405 405 405 | login 404 404 422 404 422 403 403
admin:parcel_undelivered login 404 404 405 405 405 405 405 | login 404 404 302 404 302 403 403
admin:parcel_lost login 404 404 405 405 405 405 405 | login 404 404 302 404 302 403 403
admin:parcel_returned login 404 404 405 405 405 405 405 | login 404 404 302 404 302 403 403
admin:supply_ledger login 404 404 403 404 200 404 403 | login 404 404 403 404 422 404 403
admin:read_supply_flag login 404 404 405 405 405 405 405 | login 404 404 403 404 404 403 403
admin:cancel_prescription login 404 404 405 405 405 405 405 | login 404 404 403 404 422 403 403
admin:stop_prescription login 404 404 405 405 405 405 405 | login 404 404 403 404 422 403 403
admin:prescription_pdf login 404 404 403 404 200 404 403 | login 404 404 405 405 405 405 405
admin:dose_session login 404 404 403 404 200 404 403 | login 404 404 405 405 405 405 405
admin:review_session login 404 404 405 405 405 405 405 | login 404 404 403 404 302 403 403
admin:check_in login 404 404 403 404 200 404 403 | login 404 404 405 405 405 405 405
admin:read_check_in login 404 404 405 405 405 405 405 | login 404 404 403 404 302 403 403
admin:outcomes login 404 404 403 404 200 404 403 | login 404 404 405 405 405 405 405
admin:alerts login 404 404 200 200 200 200 403 | login 404 404 405 405 405 405 403
admin:alert_detail login 404 404 200 200 200 200 403 | login 404 404 405 405 405 405 403
admin:acknowledge_alert login 404 404 405 405 405 405 403 | login 404 404 422 422 422 422 403
admin:resolve_alert login 404 404 405 405 405 405 403 | login 404 404 422 422 422 422 403
admin:alert_contact login 404 404 405 405 405 405 403 | login 404 404 422 422 422 422 403
admin:take_over_alert login 404 404 405 405 405 405 403 | login 404 404 302 302 302 302 403
admin:on_call login 404 404 200 200 200 200 200 | login 404 404 405 405 405 405 405
admin:alert_times login 404 404 403 403 403 403 200 | login 404 404 403 403 403 403 405
admin:accept_duty login 404 404 405 405 405 405 403 | login 404 404 302 302 302 302 403
admin:enter_duty_week login 404 404 403 403 403 403 405 | login 404 404 403 403 403 403 422
admin:enter_duty_exception login 404 404 403 403 403 403 405 | login 404 404 403 403 403 403 422
admin:remove_duty login 404 404 403 403 403 403 405 | login 404 404 403 403 403 403 302
admin:safety_hold login 404 404 403 404 404 403 403 | login 404 404 403 404 404 403 403
admin:safety_plan login 404 404 403 404 200 404 403 | login 404 404 403 404 422 404 403
admin:worklist login 404 404 200 403 403 403 403 | login 404 404 405 403 403 403 403
admin:follow_up_claim login 404 404 405 403 403 403 403 | login 404 404 302 403 403 403 403
admin:follow_up_close login 404 404 200 403 403 403 403 | login 404 404 422 403 403 403 403
admin:follow_up_assign,admin:follow_up_snooze login 404 404 405 403 403 403 403 | login 404 404 422 403 403 403 403
admin:follow_up_contact login 404 404 405 403 403 403 403 | login 404 404 422 403 403 403 403
admin:follow_up_wake,admin:follow_up_remind login 404 404 405 403 403 403 403 | login 404 404 302 403 403 403 403
admin:worklist_undo login 404 404 405 403 403 403 403 | login 404 404 302 403 403 403 403
admin:worklist_together login 404 404 405 403 403 403 403 | login 404 404 422 403 403 403 403
admin:setup,admin:setup_prices login 404 404 403 403 403 403 200 | login 404 404 403 403 403 403 405
admin:setup_agreements,admin:setup_policies login 404 404 403 403 403 403 200 | login 404 404 403 403 403 403 405
admin:setup_messages login 404 404 403 403 403 403 200 | login 404 404 403 403 403 403 405
admin:setup_states login 404 404 403 403 403 403 200 | login 404 404 403 403 403 403 422
admin:index login 404 404 200 200 200 200 200 | login 404 404 200 200 200 200 200
admin:login login 403 403 302 302 302 302 302 | login 403 403 302 302 302 302 302
admin:logout login 404 404 302 302 302 302 302 | login 404 404 302 302 302 302 302
admin:password_change login 404 404 302 302 302 302 302 | login 404 404 302 302 302 302 302
admin:password_change_done login 404 404 302 302 302 302 302 | login 404 404 302 302 302 302 302
admin:autocomplete login 404 404 403 403 403 403 403 | login 404 404 405 405 405 405 405
admin:jsi18n login 404 404 200 200 200 200 200 | login 404 404 405 405 405 405 405
admin:view_on_site login 404 404 404 404 404 404 404 | login 404 404 404 404 404 404 404
admin:app_list login 404 404 404 404 404 404 200 | login 404 404 404 404 404 404 200
/admin/(?P<url>.*)$ login 404 404 404 404 404 404 404 | login 404 404 404 404 404 404 404
account_login                                          200 302 302 302 302 302 302 302 | 200 302 302 302 302 302 302 302
account_logout                                         302 200 200 200 200 200 200 200 | 302 302 302 302 302 302 302 302
account_inactive,account_email_verification_sent 200 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405 405
account_signup                                         200 302 302 302 302 302 302 302 | 200 302 302 302 302 302 302 302
account_reauthenticate login 403 200 302 200 302 302 200 | login 403 200 302 200 302 302 200
account_email login 200 200 200 200 200 200 200 | login 302 302 302 302 302 302 302
account_change_password login 302 200 302 200 302 302 200 | login 302 200 302 200 302 302 200
account_set_password login 200 302 200 302 200 200 302 | login 200 302 200 302 200 200 302
account_reset_password                                 200 200 200 200 200 200 200 200 | 200 200 200 200 200 200 200 200
account_confirm_login_code login 302 302 302 302 302 302 302 | login 302 302 302 302 302 302 302
account_confirm_email                                  200 200 200 200 200 200 200 200 | 404 404 404 404 404 404 404 404
account_reset_password_from_key_done 200 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405 405
account_reset_password_done 200 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405 405
account_reset_password_from_key                        200 200 200 200 200 200 200 200 | 200 200 200 200 200 200 200 200
mfa_index login 200 200 200 200 200 200 200 | login 405 405 405 405 405 405 405
mfa_authenticate login 302 302 302 302 302 302 302 | login 302 302 302 302 302 302 302
mfa_reauthenticate login 403 302 200 200 200 200 200 | login 403 302 200 200 200 200 200
mfa_activate_totp login 200 302 302 302 302 302 302 | login 200 302 302 302 302 302 302
mfa_deactivate_totp login 404 404 200 200 200 200 200 | login 404 404 302 302 302 302 302
mfa_view_recovery_codes login 404 404 404 404 404 404 404 | login 405 405 405 405 405 405 405
mfa_generate_recovery_codes login 200 302 200 200 200 200 200 | login 200 302 302 302 302 302 302
mfa_download_recovery_codes login 404 404 404 404 404 404 404 | login 404 404 404 404 404 404 404
mfa_list_webauthn login 200 200 200 200 200 200 200 | login 405 405 405 405 405 405 405
mfa_add_webauthn login 200 302 200 200 200 200 200 | login 200 302 200 200 200 200 200
mfa_reauthenticate_webauthn login 403 302 302 302 302 302 302 | login 403 302 302 302 302 302 302
mfa_remove_webauthn login 404 302 404 404 404 404 404 | login 404 302 404 404 404 404 404
mfa_edit_webauthn login 404 302 404 404 404 404 404 | login 404 302 404 404 404 404 404
mfa_login_webauthn login 302 302 302 302 302 302 302 | login 302 302 302 302 302 302 302
usersessions_list login 200 200 200 200 200 200 200 | login 302 302 302 302 302 302 302
nonprod:personas                                       200 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405 405
nonprod:be                                             405 405 405 405 405 405 405 405 | 302 302 302 302 302 302 302 302
nonprod:clock login 405 405 405 405 405 405 405 | login 404 404 302 302 302 302 302
nonprod:pay login 200 404 404 404 404 404 404 | login 200 404 404 404 404 404 404
nonprod:mailbox                                        200 200 200 200 200 200 200 200 | 405 405 405 405 405 405 405 405
"""


def _rows(line: str) -> list[tuple[str, dict[str, list[str]]]]:
    names, _, answers = line.partition(" ")
    get, _, post = answers.partition("|")
    return [(name, {"get": get.split(), "post": post.split()}) for name in names.split(",")]


TABLE = dict(row for line in _ROWS.strip().splitlines() for row in _rows(line)) | table_rows()
