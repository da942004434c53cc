-- What is read: accounts, and their audio files a minute apart.
insert into users (email, full_name, password_hash)
select 'user' || n || '@example.org', 'User ' || n, '!'
  from generate_series(1, :users) n;

insert into audio_files (user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate,
                         channels, bit_rate, status, upload_completed_at, metadata, created_at)
select u.id, 'recording-' || n || '.wav', '/media/2026/recording-' || n || '.wav', 100000 + n, 30 + n % 600,
       'audio/wav', 16000, 1, 256000, 'ready', now(), '{"campaign": "spring", "agent": 17}',
       now() - n * interval '1 minute'
  from generate_series(1, 100) n, users u;
